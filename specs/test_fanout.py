"""One says it, many hear it: each message once, in order, by all who belong to the audience and by nobody else.

Whatever crosses processes is judged on two servers that share one Redis. What Redis itself promises is told in
test_fanout_layer.py.
"""

from __future__ import annotations

import asyncio
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.checks import (
    crashed,
    crossed,
    duplicated,
    events_unchanged,
    late,
    leaked,
    lost,
    reordered,
    silent_before_accept_and_after_close,
    unexpected,
)
from channels_conformance.history import Kind
from channels_conformance.spec import claim, judge
from channels_conformance.traffic import streams

LAYERS = "Channels docs: Channel Layers"
LAYER_SPEC = "Channels docs: Channel Layer Specification"
TUTORIAL = "Channels docs: Tutorial"

ROOMS = streams.audiences(ascii_only=True)
MARKER = 20  # characters to leave for the marker that the player puts in front of a text


@claim("fanout/exactly-once-in-one-process", level="must", source=LAYERS, endpoint="group", evidence="delivered")
@given(stream=streams.conversations(audiences=ROOMS, workers=1))
async def test_every_member_hears_each_message_once(subject, endpoint, stream):
    """Each member of an audience hears each message exactly once, whoever joins, leaves or drops meanwhile."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, lost, duplicated, crashed)


@claim(
    "fanout/exactly-once-across-workers",
    level="must",
    source="django/channels#1876",
    endpoint="group",
    needs=("redis",),
    evidence="delivered",
)
@given(stream=streams.conversations(audiences=ROOMS))
async def test_every_member_hears_each_message_once_across_workers(subject, endpoint, stream):
    """Each member of an audience hears each message exactly once, whichever server process serves it."""
    history = await subject.play(stream, endpoint)

    judge(history, lost, duplicated, crashed)


@claim(
    "fanout/exactly-once-across-workers",
    level="must",
    source=LAYERS,
    endpoint="group",
    needs=("redis",),
    evidence="delivered",
)
@given(speakers=st.permutations(streams.NAMES))
async def test_a_full_room_hears_each_message_once_across_workers(subject, endpoint, speakers):
    """Where five members on two servers speak in any order, each of them hears each of the five messages once."""
    async with subject.player(endpoint) as player:
        for worker, client in enumerate(streams.NAMES):
            await player.join(client, "lobby", worker=worker)
        for client in speakers:
            await player.say(client)

    judge(player.history, lost, duplicated, crashed)


@claim("fanout/sender-hears-itself", level="must", source=TUTORIAL, endpoint="group", evidence="delivered")
@given(stream=streams.conversations(clients=1, audiences=ROOMS))
async def test_who_speaks_hears_itself(subject, endpoint, stream):
    """Whoever speaks to an audience that it belongs to hears its own message, once."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, lost, duplicated)


@claim(
    "fanout/order-per-sender",
    level="must",
    source="django/channels_redis#151",
    endpoint="group",
    needs=("redis",),
    evidence="delivered",
)
@given(texts=st.lists(streams.texts(max_size=400), min_size=2, max_size=12))
async def test_messages_of_one_sender_stay_in_order(subject, endpoint, texts):
    """Every listener hears what one sender says in the order in which it was said, beside another who talks as well."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby", worker=0)
        await player.join("bob", "lobby", worker=1)
        for number, text in enumerate(texts):
            await player.say("alice", text[: endpoint.longest_text - MARKER])
            if number % 2:
                await player.say("bob")

    judge(player.history, reordered, late)


@claim("fanout/audiences-stay-apart", level="must", source=LAYERS, endpoint="group", evidence="delivered")
@given(rooms=streams.two_audiences())
async def test_audiences_stay_apart(subject, endpoint, rooms):
    """What is said to one audience is heard in no other, however alike their names are."""
    first, second = rooms
    async with subject.player(endpoint) as player:
        await player.join("alice", first, worker=0)
        await player.join("bob", second, worker=0)
        await player.join("carol", second, worker=1)
        for client in ("alice", "bob", "carol"):
            await player.say(client)

    judge(player.history, crossed)


@claim("fanout/audiences-stay-apart", level="must", source=LAYERS, endpoint="group", evidence="delivered")
@given(rooms=st.permutations(["lobby", "kitchen", "lobby", "garden"]))
async def test_who_changes_the_audience_hears_the_new_one_only(subject, endpoint, rooms):
    """Whoever goes from one audience to another hears, from then on, what is said in the new one and nothing else."""
    async with subject.player(endpoint) as player:
        await player.join("bob", "lobby", worker=1)
        for room in rooms:
            await player.join("alice", room)
            await player.say("alice")
            await player.say("bob")
            await player.fence()
            await player.leave("alice")

    judge(player.history, crossed)


@claim(
    "fanout/newcomer-hears-nothing-earlier", level="must", source=LAYERS, endpoint="group live", evidence="delivered"
)
@given(texts=st.lists(streams.texts(), min_size=1, max_size=4), worker=st.integers(0, 1))
async def test_a_newcomer_hears_nothing_earlier(subject, endpoint, texts, worker):
    """Who joins an audience hears nothing that was said, and heard, before it came."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby")
        for text in texts:
            await player.say("alice", text)
        await player.fence()
        await player.join("bob", "lobby", worker=worker)

    judge(player.history, unexpected)


@claim("fanout/leaver-hears-nothing", level="must", source=LAYERS, endpoint="group live", evidence="delivered")
@given(code=streams.close_codes(), dropped=st.booleans(), worker=st.integers(0, 1), before=st.integers(0, 3))
async def test_who_has_left_hears_nothing(subject, endpoint, code, dropped, worker, before):
    """Who has left is sent nothing more, and hears nothing of what it missed when it comes back."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby")
        await player.join("bob", "lobby", worker=worker)
        for _ in range(before):
            await player.say("bob")
        await (player.drop("bob") if dropped else player.leave("bob", code))
        await player.say("alice", "while bob was away")
        await player.fence()
        await player.join("bob", "lobby", worker=worker + 1)
        await player.say("alice", "bob is back")

    judge(player.history, silent_before_accept_and_after_close, unexpected, duplicated)


@claim("fanout/no-member-left-behind", level="must", source="django/channels#2219", endpoint="group", needs=("redis",))
async def test_no_member_is_left_behind(subject, endpoint, server):
    """However connections end, by a close, a dropped line or an exception in a handler, their groups are empty."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        for code in (1000, 3000, None):
            await player.join("alice", "lobby")
            await player.leave("alice", code)
        await player.join("bob", "lobby")
        await player.drop("bob")
        await player.join("carol", "lobby")
        await player.raise_in_handler("carol")
        await player.ended("carol")
        await player.worker_saw("carol", *player.ENDED)
        if endpoint.close_command:
            await player.join("dave", "lobby")
            await player.frame("dave", endpoint.closing(4001))
            await player.ended("dave")
            await player.worker_saw("dave", *player.ENDED)

    judge(player.history, leaked)


@claim("fanout/no-member-left-behind", level="must", source="django/channels#2219", endpoint="group")
@given(stream=streams.conversations(audiences=ROOMS, frames=streams.frames()))
async def test_no_member_is_left_behind_by_bad_input(subject, endpoint, stream):
    """Whatever frames connections send, and however their clients go, their groups are empty in the end."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, leaked)


@claim(
    "fanout/payload-arrives-as-sent",
    level="must",
    source="RFC 6455 §8.1",
    endpoint="group",
    needs=("redis",),
    evidence="delivered",
)
@given(texts=st.lists(streams.texts(), min_size=1, max_size=4), unit=st.sampled_from(["x", "部", "𝔘", '"\\', "é "]))
async def test_a_text_arrives_as_it_was_sent(subject, endpoint, texts, unit):
    """A text of any script, and of any length that the endpoint takes, reaches the other worker character for character."""
    longest = max(endpoint.longest_text - MARKER, 0)
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby", worker=0)
        await player.join("bob", "lobby", worker=1)
        for text in [*texts, (unit * longest).strip()]:
            await player.say("alice", text[:longest])

    judge(player.history, lost)


@claim(
    "fanout/handlers-do-not-share-an-event",
    level="should",
    source="django/channels#1427",
    endpoint="group",
    evidence="delivered",
)
@given(texts=st.lists(streams.texts(), min_size=1, max_size=3))
async def test_no_handler_changes_its_event(subject, endpoint, texts):
    """No handler changes the event that it is given, which the other members of its process are given as well."""
    async with subject.player(endpoint, over="process") as player:
        for client in ("alice", "bob", "carol"):
            await player.join(client, "lobby")
        for text in texts:
            await player.say("alice", text)
            await player.say("bob", text)

    judge(player.history, events_unchanged)


@claim(
    "fanout/burst-within-capacity-is-whole",
    level="must",
    source="django/channels_redis#181",
    endpoint="group",
    needs=("redis",),
    evidence="delivered",
)
async def test_a_burst_within_capacity_is_whole(subject, endpoint):
    """As many messages in a row as the endpoint says it takes reach every listener, on either server, in order."""
    async with subject.player(endpoint) as player:
        for worker, client in enumerate(("alice", "bob", "carol", "dave")):
            await player.join(client, "lobby", worker=worker)
        for _ in range(endpoint.burst):
            await player.say("alice")

    judge(player.history, lost, duplicated, reordered, late, crashed)


@claim(
    "fanout/killed-worker-costs-only-its-own-clients",
    level="must",
    source=LAYERS,
    endpoint="group",
    needs=("redis",),
    evidence="delivered",
    first=True,
)
async def test_a_killed_worker_costs_only_its_own_clients(subject, endpoint):
    """When a server process is killed, the clients of the others go on hearing every message exactly once."""
    doomed = await subject.extra_server(subject.run.servers[0].kind)
    async with subject.player(endpoint, servers=[*subject.run.servers[:2], doomed]) as player:
        for worker, client in enumerate(("alice", "bob", "carol")):
            await player.join(client, "lobby", worker=worker)
        await player.say("alice", "before")
        await player.fence()

        await asyncio.to_thread(doomed.kill)
        await player.ended("carol")
        for _ in range(endpoint.burst):
            await player.say("alice")
            await player.say("bob")

    judge(player.history, lost, duplicated, reordered, partial(crashed, killed={doomed.name}))


@claim(
    "fanout/ready-means-joined",
    level="must",
    source=TUTORIAL,
    endpoint="group",
    needs=("redis",),
    evidence="delivered",
)
@given(text=streams.texts(), worker=st.integers(0, 1))
async def test_who_is_accepted_misses_nothing(subject, endpoint, text, worker):
    """A client whose handshake is accepted hears what is said from that moment on, however long accepting takes."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby", worker=worker)
        await player.join("bob", "lobby", worker=worker + 1, ready=False, hold_accept=True)
        await player.say("alice", text)
        await player.ready("alice")
        await player.ready("bob")

    judge(player.history, partial(lost, takes_part_from=Kind.ACCEPTED))


@claim(
    "fanout/any-room-name-works-or-is-refused",
    level="must",
    source="django/channels#1845",
    endpoint="group",
    evidence="accepted",
)
@given(room=streams.room_names(), worker=st.integers(0, 1))
async def test_any_room_name_works_or_is_refused(subject, endpoint, room, worker):
    """A room may be called whatever a visitor can type: it works like any other, or is refused, and nothing crashes."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby")
        await player.join("bob", room, worker=worker)
        await player.say("bob")

    judge(player.history, partial(crashed, unrouted=True), lost)
