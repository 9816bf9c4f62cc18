"""One says it, many hear it: each message once, in order, by all who belong to the audience and by nobody else.

Whatever crosses processes is judged on two servers that share one Redis. Who belongs to an audience, and how long, is
told in test_fanout_members.py; what Redis itself promises, in test_fanout_layer.py.
"""

from __future__ import annotations

import string
from functools import partial

from hypothesis import example, given
from hypothesis import strategies as st

from channels_conformance.checks import crashed, crossed, duplicated, events_unchanged, late, lost, reordered
from channels_conformance.spec import claim, judge
from channels_conformance.subject.profile import Endpoint, ServerKind
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic import characters, streams
from channels_conformance.traffic.steps import Stream

LAYERS = "Channels docs: Channel Layers"

ROOMS = streams.audiences(ascii_only=True)
WORDS = st.text(characters.of(string.ascii_lowercase), min_size=1, max_size=8)
MARKER = 20  # characters to leave for the marker that the player puts in front of a text


@claim("fanout/exactly-once-in-one-process", level="must", source=LAYERS, endpoint="group", evidence="delivered")
@given(stream=streams.conversations(audiences=ROOMS, texts=WORDS, workers=1))
async def test_every_member_hears_each_message_once(subject: Subject, endpoint: Endpoint, stream: Stream) -> None:
    """Each member of an audience hears each message exactly once, whoever joins, leaves or drops meanwhile."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, lost, duplicated, partial(crashed, unrouted=True))


@claim(
    "fanout/exactly-once-across-workers",
    level="must",
    source="django/channels#1876",
    endpoint="group",
    needs=("redis", "several workers"),
    evidence="delivered",
)
@given(stream=streams.conversations(audiences=ROOMS, texts=WORDS))
async def test_every_member_hears_each_message_once_across_workers(
    subject: Subject, endpoint: Endpoint, stream: Stream
) -> None:
    """Each member of an audience hears each message exactly once, whichever server process serves it."""
    history = await subject.play(stream, endpoint)

    judge(history, lost, duplicated, partial(crashed, unrouted=True))


@claim(
    "fanout/exactly-once-across-workers",
    level="must",
    source=LAYERS,
    endpoint="group",
    needs=("redis", "several workers"),
    evidence="delivered",
)
async def test_a_full_room_hears_each_message_once_across_workers(subject: Subject, endpoint: Endpoint) -> None:
    """Where five members on two servers speak, each of them hears each message once, also while one of them drops."""
    async with subject.player(endpoint) as player:
        for worker, client in enumerate(streams.NAMES):
            await player.join(client, "lobby", worker=worker)
        for client in reversed(streams.NAMES):
            await player.say(client)
        await player.fence()
        await player.drop("carol")
        for client in streams.NAMES:
            await player.say(client)

    judge(player.history, lost, duplicated, crashed)


@claim(
    "fanout/sender-hears-itself", level="must", source="Channels docs: Tutorial", endpoint="group", evidence="delivered"
)
@given(stream=streams.conversations(clients=1, audiences=ROOMS, texts=WORDS, max_steps=6))
async def test_who_speaks_hears_itself(subject: Subject, endpoint: Endpoint, stream: Stream) -> None:
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
@given(texts=st.lists(streams.texts(max_size=400), min_size=2, max_size=8))
async def test_messages_of_one_sender_stay_in_order(subject: Subject, endpoint: Endpoint, texts: list[str]) -> None:
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
@example(rooms=("大廳", "大門"))
@example(rooms=("a" * 63 + "b", "a" * 63 + "c"))
@given(rooms=streams.two_audiences())
async def test_audiences_stay_apart(subject: Subject, endpoint: Endpoint, rooms: tuple[str, str]) -> None:
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
async def test_who_changes_the_audience_hears_the_new_one_only(subject: Subject, endpoint: Endpoint) -> None:
    """Whoever goes from one audience to another hears, from then on, what is said in the new one and nothing else."""
    async with subject.player(endpoint) as player:
        await player.join("bob", "lobby", worker=1)
        for room in ("lobby", "kitchen", "lobby", "garden"):
            await player.join("alice", room)
            await player.say("alice")
            await player.say("bob")
            await player.fence()
            await player.leave("alice")

    judge(player.history, crossed)


@claim(
    "fanout/payload-arrives-as-sent",
    level="must",
    source="RFC 6455 §8.1",
    endpoint="group",
    needs=("redis",),
    evidence="delivered",
)
@example(texts=["e\u0301", " hi ", "<b>&amp;</b>", "\\n%s"], unit="部")
@given(texts=st.lists(streams.texts(), min_size=1, max_size=4), unit=st.sampled_from(["x", "部", "𝔘", '"\\']))
async def test_a_text_arrives_as_it_was_sent(subject: Subject, endpoint: Endpoint, texts: list[str], unit: str) -> None:
    """A text of any script and of any length that the endpoint takes arrives character for character."""
    longest = max(endpoint.longest_text - MARKER, 0)
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby", worker=0)
        await player.join("bob", "lobby", worker=1)
        for text in [*texts, unit * longest]:
            await player.say("alice", text[:longest])

    judge(player.history, lost)


@claim(
    "fanout/handlers-do-not-share-an-event",
    level="should",
    source="django/channels#1427",
    endpoint="group",
    evidence="delivered",
)
async def test_no_handler_changes_its_event(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """No handler changes the event that it is given, which the other members of its process are given as well."""
    async with subject.player(endpoint, servers=subject.servers(server)[:1]) as player:
        for client in ("alice", "bob", "carol"):
            await player.join(client, "lobby")
        for client in ("alice", "bob", "carol"):
            await player.say(client, "<b>it's</b> ")

    judge(player.history, events_unchanged)


@claim(
    "fanout/burst-within-capacity-is-whole",
    level="must",
    source="django/channels_redis#181",
    endpoint="group",
    needs=("redis",),
    evidence="delivered",
)
async def test_a_burst_within_capacity_is_whole(subject: Subject, endpoint: Endpoint) -> None:
    """As many messages in a row as the endpoint says it takes reach every listener, on either server, in order."""
    async with subject.player(endpoint) as player:
        for worker, client in enumerate(("alice", "bob", "carol", "dave")):
            await player.join(client, "lobby", worker=worker)
        for _ in range(endpoint.burst):
            await player.say("alice")

    judge(player.history, lost, duplicated, reordered, late, crashed)
