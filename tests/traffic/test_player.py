"""A player does what a stream says, waits for what must come, and keeps the whole record."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings

from channels_conformance.checks import Anomaly, pushes_heard, whole
from channels_conformance.checks.finding import Finding
from channels_conformance.history import Connection, Event, Hears, History, Kind
from channels_conformance.traffic import speaking
from channels_conformance.traffic.client import Refused, Unanswered
from channels_conformance.traffic.player import Player
from channels_conformance.traffic.steps import Drop, Frame, Join, Leave, Say, Stream, script
from channels_conformance.traffic.streams import conversations
from tests.traffic.hub import Hub, HubClient

pytestmark = pytest.mark.asyncio


def lose_patience(player: Player) -> None:
    """Have what is meant to fail from here on fail soon."""
    player._deadline = 0.01


def kinds(history: History, connection: str) -> list[Kind]:
    """Return what the client of a connection saw and did, in order."""
    return [event.kind for event in history if event.connection == connection and not event.worker]


def findings(history: History) -> list[Finding]:
    """Return what the checks of delivery find."""
    return [finding for check in whole for finding in check(history)]


async def others_run() -> None:
    """Let every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_play_is_recorded_from_the_handshake_to_the_end() -> None:
    """Joining, saying, hearing, leaving and dropping are recorded in order, each under its connection."""
    async with Player(Hub()) as player:
        assert await player.join("alice", "lobby")
        assert await player.join("bob", "lobby", worker=1)
        marker = await player.say("alice", "hello")
        await player.leave("alice", 3000)
        await player.drop("bob")

    history = player.history
    proof = [Kind.CONNECT, Kind.ACCEPTED, Kind.FENCE, Kind.RECEIVED, Kind.READY]
    assert kinds(history, "alice#1")[:5] == kinds(history, "bob#1")[:5] == proof
    steps = [kind for kind in kinds(history, "alice#1")[5:] if kind is not Kind.RECEIVED]
    assert steps == [Kind.SAID, Kind.FENCE, Kind.LEAVING, Kind.CLOSED]
    assert kinds(history, "bob#1")[-2:] == [Kind.ABORTED, Kind.CLOSED]
    heard = len(history.of(Kind.RECEIVED, connection="alice#1"))
    assert heard == 5, "her own proof and bob's, her words, and a fence of each before she left"
    (said,) = history.of(Kind.SAID)
    assert (said.marker, said.text) == (marker, f"{marker}hello")
    assert [event.code for event in history.of(Kind.LEAVING, Kind.CLOSED, connection="alice#1")] == [3000, 3000]
    assert [event.text for event in history.of(Kind.ACCEPTED)] == ["v1", "v1"]
    assert findings(history) == []


async def test_a_connection_is_described() -> None:
    """A connection tells its client, user, place and worker; who comes back has a new one."""
    async with Player(Hub()) as player:
        await player.join("alice", "lobby", worker=3)
        await player.leave("alice")
        await player.join("alice", "attic", user="")

    first, second = player.history.connections.values()
    assert first == Connection(
        id="alice#1",
        client="alice",
        user="alice",
        endpoint="chat",
        audience="lobby",
        hears="group",
        worker="worker-1",
    )
    assert (second.id, second.user, second.audience, second.worker) == ("alice#2", "", "attic", "worker-0")


async def test_what_is_unusual_in_a_handshake_goes_to_the_stage() -> None:
    """Options of a handshake are handed on as they are."""
    hub = Hub()
    async with Player(hub) as player:
        await player.join("alice", "lobby", origin="http://evil.example", query="token=1")

    assert hub.handshakes == [{"origin": "http://evil.example", "query": "token=1"}]


async def test_ready_is_proved_by_the_clients_own_fence() -> None:
    """A client takes part once its own fence has come back; where it does not, it is in and not ready."""
    hub = Hub(carry=lambda client, frame: [] if client.who.client == "bob" else [frame])
    async with Player(hub) as player:
        await player.join("alice", "lobby")
        lose_patience(player)
        await player.join("bob", "lobby")
        assert player.is_in("bob")
        assert not await player.ready("bob")
        assert not await player.ready("nobody")

    assert [event.connection for event in player.history.of(Kind.READY)] == ["alice#1"]


async def test_a_fence_that_never_came_back_is_told_once_in_a_play(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wait was a whole one, and later ones are not; who is gone before it could hear says nothing."""
    monkeypatch.setattr(speaking, "GIVEN_UP", 0.0)
    hub = Hub(carry=lambda client, frame: [] if client.who.client in ("bob", "carol") else [frame])
    async with Player(hub) as player:
        await player.join("alice", "lobby")
        lose_patience(player)
        await player.join("bob", "lobby")
        monkeypatch.setattr(speaking, "GIVEN_UP", 1.0)
        await player.join("carol", "lobby")
        await player.drop("alice")
        assert not await player.ready("alice")

    assert hub.proofs == [True, False]


async def test_ready_may_be_left_out() -> None:
    """A join need not wait for the proof."""
    player = Player(Hub())
    await player.join("alice", "lobby", ready=False)
    await player.end()

    assert kinds(player.history, "alice#1") == [Kind.CONNECT, Kind.ACCEPTED, Kind.LEAVING, Kind.CLOSED]


async def test_a_fence_waits_for_all_who_must_hear_it() -> None:
    """A fence stands only when each listener has heard each fence that it must hear."""
    held: list[tuple[HubClient, str]] = []

    def carry(client: HubClient, frame: str) -> list[str]:
        if client.who.client == "bob" and holding:
            held.append((client, frame))
            return []
        return [frame]

    holding = False
    async with Player(Hub(carry=carry)) as player:
        await player.join("alice", "lobby")
        await player.join("bob", "lobby")
        await player.join("carol", "attic")
        holding = True

        fence = asyncio.create_task(player.fence())
        await others_run()
        assert not fence.done()
        assert len(held) == 2  # alice's and bob's own, and not carol's from another room

        holding = False
        client, frame = held.pop()
        client.give(frame)
        await others_run()
        assert not fence.done()

        client, frame = held.pop()
        client.give(frame)
        await fence


async def test_a_refused_join_is_recorded_and_passed_over() -> None:
    """A refusal is recorded with its status once the worker is done, and what that client should do is left out."""
    hub = Hub()
    hub.answers["mallory"] = Refused(403, 4003)
    async with Player(hub) as player:
        assert not await player.join("mallory", "lobby")
        await player.say("mallory", "let me in")
        await player.frame("mallory", "let me in")
        await player.leave("mallory")
        await player.drop("mallory")
        assert not await player.ping("mallory")
        assert not await player.heard("mallory", "~m0~")
        assert await player.ended("mallory")

    assert kinds(player.history, "mallory#1") == [Kind.CONNECT, Kind.REFUSED]
    assert [event.code for event in player.history.of(Kind.REFUSED)] == [403]
    assert hub.waited == [(hub.made[0].key, (Kind.RETURNED, Kind.CRASHED))]


async def test_an_unanswered_join_is_recorded_and_dropped_at_the_end() -> None:
    """A handshake without an answer is recorded, and its connection is dropped when the play ends."""
    hub = Hub()
    hub.answers["alice"] = Unanswered("timed out")
    async with Player(hub) as player:
        assert not await player.join("alice", "lobby")

    assert kinds(player.history, "alice#1") == [Kind.CONNECT, Kind.UNANSWERED]
    assert hub.made[0].aborted


async def test_a_connection_that_the_subject_ends_is_passed_over() -> None:
    """When the subject ends a connection in the middle, the end is recorded and the play goes on without it."""
    hub = Hub()
    async with Player(hub) as player:
        await player.join("alice", "lobby")
        await player.join("bob", "lobby")
        hub.of("bob").end(4001)
        assert await player.ended("bob")

        await player.say("bob", "am I still here?")
        await player.say("alice", "where is bob?")
        await player.leave("bob")
        assert not player.is_in("bob")

    assert kinds(player.history, "bob#1")[-1] is Kind.CLOSED
    assert player.history.of(Kind.CLOSED, connection="bob#1")[0].code == 4001
    assert [event.connection for event in player.history.of(Kind.SAID)] == ["alice#1"]
    assert findings(player.history) == []


async def test_the_end_of_a_connection_ends_the_waits_for_it() -> None:
    """Whoever waits for what a client must hear is told at once when its connection ends."""
    hub = Hub()
    async with Player(hub, deadline=60) as player:
        await player.join("alice", "lobby")
        waiting = asyncio.create_task(player.heard("alice", "~m0~"))
        await others_run()
        hub.of("alice").end(1011)

        assert await waiting is False


async def test_what_could_not_be_sent_was_said_all_the_same() -> None:
    """Where a connection breaks while a client speaks, what it said is recorded, and so is how it ended."""
    hub = Hub()
    async with Player(hub) as player:
        await player.join("alice", "lobby")
        hub.mute.add("alice")
        await player.say("alice", "hello?")

    assert [event.text is not None for event in player.history.of(Kind.SAID)] == [True]
    assert kinds(player.history, "alice#1")[-2:] == [Kind.LEAVING, Kind.CLOSED]


@pytest.mark.parametrize("end", ["leave", "drop"])
async def test_what_was_said_arrives_before_anybody_leaves(end: str) -> None:
    """Where others hear, a fence is set between the last word and a departure; with nothing said there is none."""
    async with Player(Hub()) as player:
        for client in ("alice", "bob", "carol"):
            await player.join(client, "lobby")
        await player.say("alice", "bye")
        await getattr(player, end)("bob")
        before = len(player.history.of(Kind.FENCE))
        await getattr(player, end)("carol")
        assert len(player.history.of(Kind.FENCE)) == before

    steps = [event.kind for event in player.history.of(Kind.SAID, Kind.FENCE, Kind.LEAVING, Kind.ABORTED)][3:]
    assert steps[:5] == [
        Kind.SAID,
        Kind.FENCE,
        Kind.FENCE,
        Kind.FENCE,
        Kind.LEAVING if end == "leave" else Kind.ABORTED,
    ]


async def test_no_fence_is_needed_where_only_the_sender_hears() -> None:
    """A client that alone hears what it says may leave with its words still under way."""
    async with Player(Hub("sender")) as player:
        await player.join("alice")
        await player.say("alice", "bye")
        await player.leave("alice")

    last = [event.kind for event in player.history.of(Kind.SAID, Kind.FENCE, Kind.LEAVING)]
    assert last == [Kind.FENCE, Kind.SAID, Kind.LEAVING]


async def test_where_nobody_hears_nothing_is_fenced() -> None:
    """On an endpoint that answers nobody, clients are in at once, and say nothing; a raw frame is sent as it is."""
    async with Player(Hub("nobody")) as player:
        await player.play([Join("alice", ""), Say("alice", "hello"), Frame("alice", b"\x00")])

    assert player.history.of(Kind.FENCE, Kind.READY, Kind.SAID) == []
    assert [event.text or event.data for event in player.history.of(Kind.SENT)] == [b"\x00"]


async def test_where_users_are_told_the_subject_sets_the_fences() -> None:
    """On an endpoint that tells users, each connection of a user hears what the subject was made to tell that user."""
    async with Player(Hub("user")) as player:
        await player.join("tab1", user="alice")
        await player.join("tab2", user="alice")
        await player.join("bob")
        marker = await player.notify("alice", "done")

    (queued,) = player.history.of(Kind.QUEUED)
    assert (queued.marker, queued.text, queued.detail) == (marker, f"{marker}done", "alice")
    listeners = {event.connection for event in player.history.of(Kind.RECEIVED) if marker in (event.text or "")}
    assert listeners == {"tab1#1", "tab2#1"}
    assert len(player.history.of(Kind.READY)) == 3


async def test_markers_are_never_used_twice() -> None:
    """No two markers of a session are alike, whichever play they belong to."""
    markers: list[str] = []
    for _ in range(2):
        async with Player(Hub()) as player:
            await player.join("alice", "lobby")
            for _ in range(3):
                await player.say("alice")
        markers += [event.marker for event in player.history.of(Kind.SAID, Kind.FENCE)]

    assert len(set(markers)) == len(markers)


async def test_the_record_joins_both_sides_in_order() -> None:
    """What workers saw is merged by time, under the connections' own names, with rows and members left behind."""
    hub = Hub()
    async with Player(hub) as player:
        await player.join("alice", "lobby")
        marker = await player.say("alice", "hello")
        hub.rows = [Event(at=time.monotonic(), kind=Kind.STORED, marker=marker)]
        hub.left = ["chat.lobby"]

    history = player.history
    assert [event.at for event in history] == sorted(event.at for event in history)
    assert [event.kind for event in history if event.worker] == [Kind.DELIVERED, Kind.RETURNED]
    assert {event.connection for event in history} == {"alice#1", ""}
    order = [event.kind for event in history.of(Kind.CONNECT, Kind.DELIVERED, Kind.ACCEPTED)]
    assert order == [Kind.CONNECT, Kind.DELIVERED, Kind.ACCEPTED]
    assert [event.marker for event in history.of(Kind.STORED)] == [marker]
    assert [event.detail for event in history.of(Kind.MEMBER_LEFT_BEHIND)] == ["chat.lobby"]


async def test_two_plays_on_one_stage_do_not_mix() -> None:
    """Clients of the same name in two plays are two connections to the workers."""
    hub = Hub()
    async with Player(hub) as one, Player(hub) as other:
        await one.join("alice", "lobby")
        await other.join("alice", "attic")

    keys = {client.key for client in hub.made}
    assert len(keys) == 2
    for player in (one, other):
        assert [event.kind for event in player.history if event.worker] == [Kind.DELIVERED, Kind.RETURNED]


async def test_a_stream_is_played_and_kept() -> None:
    """The steps of a stream are done in order, and the record holds the script."""
    stream: Stream = (
        Join("alice", "lobby"),
        Say("alice", "hi"),
        Frame("alice", ""),
        Leave("alice", 1001),
        Join("alice", "lobby", worker=1),
        Drop("alice"),
    )
    async with Player(Hub()) as player:
        await player.play(stream)

    done = player.history.of(Kind.CONNECT, Kind.SAID, Kind.SENT, Kind.LEAVING, Kind.ABORTED)
    expected = [Kind.CONNECT, Kind.SAID, Kind.SENT, Kind.LEAVING, Kind.CONNECT, Kind.ABORTED]
    assert [event.kind for event in done] == expected
    assert player.history.script == script(stream)


async def test_a_handler_is_made_to_raise_by_its_channel() -> None:
    """The channel that the worker reported is handed to the stage; where none was reported nothing is done."""
    hub = Hub()
    async with Player(hub) as player:
        await player.join("alice", "lobby")
        await player.raise_in_handler("alice")
        hub.report(hub.of("alice").key, Kind.CHANNEL, detail="specific.abc!x", marker="default")
        await player.raise_in_handler("alice")
        assert await player.ping("alice")

    assert hub.raised == [("specific.abc!x", "default")]


async def test_a_play_that_fails_still_ends_its_clients() -> None:
    """When the body of a play raises, no fence is set, and every client is ended all the same."""
    hub = Hub()
    player = Player(hub)

    async def play() -> None:
        async with player:
            await player.join("alice", "lobby")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await play()

    assert hub.clients == []
    assert kinds(player.history, "alice#1")[-2:] == [Kind.LEAVING, Kind.CLOSED]
    assert len(player.history.of(Kind.FENCE)) == 1


async def test_a_client_that_cannot_read_is_no_silence() -> None:
    """An error inside a client of ours is raised when the play ends, so that nobody takes it for a lost message."""
    hub = Hub()
    player = Player(hub)
    await player.join("alice", "lobby")
    hub.of("alice").give(OSError("the client broke"))

    with pytest.raises(OSError, match="the client broke"):
        await player.end()

    assert hub.clients == []


async def test_a_client_that_never_learns_of_its_end_is_let_go() -> None:
    """Where the end of a connection never shows, the play ends at the deadline without it."""
    hub = Hub()
    hub.never_closed.add("alice")
    async with Player(hub) as player:
        await player.join("alice", "lobby")
        lose_patience(player)

    assert player.history.of(Kind.LEAVING) != []
    assert player.history.of(Kind.CLOSED) == []


async def play_badly(carry: Callable[[HubClient, str], list[str]]) -> list[Finding]:
    """Return what is found where bob's frames are carried badly while alice says one, two and three."""
    async with Player(Hub(carry=carry)) as player:
        await player.join("alice", "lobby")
        await player.join("bob", "lobby")
        for text in ("one", "two", "three"):
            await player.say("alice", text)
    return findings(player.history)


async def test_a_message_that_is_dropped_is_lost() -> None:
    """One frame that never arrives is one finding, which names who said what, and who missed it."""

    def carry(client: HubClient, frame: str) -> list[str]:
        return [] if client.who.client == "bob" and "two" in frame else [frame]

    (finding,) = await play_badly(carry)

    assert (finding.anomaly, finding.connection) == (Anomaly.LOST, "bob#1")
    assert finding.sentence.startswith("bob (worker-0) never received '~m")
    assert finding.sentence.endswith("two' that alice (worker-0) said")


async def test_a_message_that_comes_twice_is_duplicated() -> None:
    """One frame that arrives twice is one finding."""

    def carry(client: HubClient, frame: str) -> list[str]:
        return [frame, frame] if client.who.client == "bob" and "two" in frame else [frame]

    (finding,) = await play_badly(carry)

    assert (finding.anomaly, finding.connection) == (Anomaly.DUPLICATED, "bob#1")


async def test_messages_that_change_places_are_reordered() -> None:
    """Two frames of one sayer that arrive the other way round are one finding."""
    held: list[str] = []

    def carry(client: HubClient, frame: str) -> list[str]:
        if client.who.client != "bob":
            return [frame]
        if "one" in frame:
            held.append(frame)
            return []
        return [frame, held.pop()] if held else [frame]

    (finding,) = await play_badly(carry)

    assert (finding.anomaly, finding.connection) == (Anomaly.REORDERED, "bob#1")


async def test_a_fence_that_is_lost_ends_the_play_at_the_deadline() -> None:
    """Where the sayer's own fence never comes back, the play ends and the fence is found lost."""

    def carry(client: HubClient, frame: str) -> list[str]:
        return [] if losing else [frame]

    losing = False
    async with Player(Hub(carry=carry)) as player:
        await player.join("alice", "lobby")
        losing = True
        lose_patience(player)

    assert [finding.anomaly for finding in findings(player.history)] == [Anomaly.LOST]


@settings(max_examples=25, deadline=None)
@given(conversations())
async def test_a_subject_that_keeps_every_claim_is_found_to(stream: Stream) -> None:
    """Whatever is played on a good stage, the checks of delivery find nothing."""
    async with Player(Hub()) as player:
        await player.play(stream)

    assert findings(player.history) == []


async def test_first_frames_are_sent_before_anything_else() -> None:
    """What a client must send once accepted is sent at once, and recorded as that."""
    hub = Hub()
    hub.greetings = ["I AM alice", b"\x01"]
    async with Player(hub) as player:
        await player.join("alice", "lobby")

    introduced = player.history.of(Kind.INTRODUCED)
    assert [(event.text, event.data) for event in introduced] == [("I AM alice", None), (None, b"\x01")]
    assert kinds(player.history, "alice#1")[:5] == [
        Kind.CONNECT,
        Kind.ACCEPTED,
        Kind.INTRODUCED,
        Kind.INTRODUCED,
        Kind.FENCE,
    ]


async def test_noise_is_no_delivery() -> None:
    """A frame that holds a word of noise brings nothing, whatever markers it carries, and no check sees it."""
    hub = Hub(carry=lambda client, frame: [frame, f"{frame} joined"])
    hub.noise = ("joined",)
    async with Player(hub) as player:
        await player.join("alice", "lobby")
        marker = await player.say("alice", "who joined?")

    assert findings(player.history) == []
    (said,) = player.history.of(Kind.SAID)
    assert said.text == f"{marker}who ?", "words of noise are never said, for they would make noise of what is said"
    assert len(player.history.of(Kind.NOISE)) == len(player.history.of(Kind.RECEIVED))


async def test_noise_alone_lets_nobody_be_ready() -> None:
    """A fence that comes back in noise has not come back."""
    hub = Hub(carry=lambda client, frame: [f"{frame} joined"])
    hub.noise = ("joined",)
    async with Player(hub) as player:
        lose_patience(player)
        await player.join("alice", "lobby")

    assert player.history.of(Kind.READY) == []


async def test_what_a_worker_sent_as_noise_carries_nothing() -> None:
    """That noise was sent is told; its markers are not, so that they prove nothing against an application."""
    hub = Hub()
    hub.noise = ("joined",)
    async with Player(hub) as player:
        await player.join("alice", "lobby")
        key = hub.made[0].key
        hub.report(key, Kind.ANSWERED, detail="websocket.send", text="~m1~ joined")
        hub.report(key, Kind.ANSWERED, detail="websocket.send", text="~m1~")

    assert [event.text for event in player.history.of(Kind.ANSWERED)] == ["", "~m1~"]


@pytest.mark.parametrize("hears", ["sender", "group", "user", "nobody"])
async def test_an_intruder_who_is_accepted_tries_to_take_part(hears: Hears) -> None:
    """Where all are accepted, an intruder sends what would be heard, is looked for in groups, and is dropped."""
    hub = Hub(hears, carry=lambda client, frame: [] if client.who.client == "mallory" else [frame])
    hub.admits_all = True
    async with Player(hub) as player:
        lose_patience(player)
        await player.intrude("mallory", "lobby")
        await player.intrude("mallory", "lobby")

    assert player.intruders == {"mallory#1", "mallory#2"}
    assert len(player.history.of(Kind.FENCE, connection="mallory#1")) == 3
    assert player.history.of(Kind.ABORTED, connection="mallory#2")
    assert player.history.of(Kind.MEMBER) == []


async def test_an_intruder_in_a_group_is_noted_and_nobody_else_knocks() -> None:
    """Which groups hold an intruder's channel is recorded; the door is known to be open then."""
    hub = Hub(carry=lambda client, frame: [])
    hub.admits_all, hub.groups = True, ["room.1"]
    async with Player(hub) as player:
        lose_patience(player)
        await player.join("mallory", "lobby", ready=False, barred=True)
        hub.report(hub.made[0].key, Kind.CHANNEL, detail="specific.1", marker="default")
        await player._try_to_take_part("mallory")
        await player.intrude("trudy", "lobby")

    (member,) = player.history.of(Kind.MEMBER)
    assert (member.connection, member.detail) == ("mallory#1", "room.1")
    assert len(hub.made) == 1


async def test_a_newcomer_is_heard_by_all_before_anybody_goes() -> None:
    """The fence with which a client proves that it takes part has reached those who proved it before, when it is in."""
    held: list[tuple[HubClient, str]] = []

    def late_for_alice(client: HubClient, frame: str) -> list[str]:
        if client.who.client == "alice" and hub.clients[-1].who.client == "bob":
            held.append((client, frame))
            return []
        return [frame]

    hub = Hub(carry=late_for_alice)
    async with Player(hub) as player:
        await player.join("alice", "lobby")
        joining = asyncio.create_task(player.join("bob", "lobby"))
        await others_run()
        assert not joining.done(), "bob has heard itself, and alice has not heard bob"
        hub.carry = lambda client, frame: [frame]
        for client, frame in held:
            client.give(frame)
        assert await joining

    assert findings(player.history) == []


async def test_an_http_call_is_recorded_with_its_answer() -> None:
    """A push is noted at the moment it was begun, with its status, and waited for by all who must hear it."""
    hub = Hub()
    hub.status = 201
    async with Player(hub) as player:
        await player.join("alice", "lobby")
        await player.join("bob", "lobby")
        await player.join("carol", "attic")
        marker = await player.push("alice", "lobby", "news", worker=1)

    (pushed,) = player.history.of(Kind.PUSHED)
    assert (pushed.marker, pushed.text, pushed.detail, pushed.code) == (marker, f"{marker}news", "lobby", 201)
    assert pushes_heard(player.history) == []
    assert findings(player.history) == []


async def test_who_can_say_nothing_is_ready_once_an_http_call_has_told_it() -> None:
    """Where nobody hears what clients say, an HTTP call serves as fence."""
    hub = Hub("nobody")
    hub.pushes = True
    async with Player(hub) as player:
        await player.join("alice", "lobby")

    assert len(player.history.of(Kind.READY)) == 1
    assert findings(player.history) == []


async def test_what_is_slow_is_waited_for_while_anything_comes() -> None:
    """The deadline counts from what came last, so that a busy machine makes nothing lost; but not for ever."""
    player = Player(Hub(), deadline=10)
    began = time.monotonic()

    assert player._patient_until(began) == began + 10
    player._arrived = began + 9
    assert player._patient_until(began) == began + 19
    player._arrived = began + 70
    assert player._patient_until(began) == began + 60


async def test_only_what_somebody_may_wait_for_keeps_others_waiting() -> None:
    """A frame with a marker counts, heard or noise; one without, such as a clock's, does not."""
    hub = Hub()
    player = Player(hub)
    await player.join("alice", "lobby", ready=False)

    hub.clients[0].give("tick")
    await others_run()
    assert player._arrived == 0
    hub.clients[0].give("~m777701~")
    await others_run()
    assert player._arrived > 0

    await player.end()
