"""A player does what a stream says, waits for what must come, and keeps the whole record."""

from __future__ import annotations

import asyncio
import time

import pytest

from channels_conformance.checks import pushes_heard
from channels_conformance.history import Connection, Event, Kind
from channels_conformance.traffic.client import Refused, Unanswered
from channels_conformance.traffic.player import Player
from channels_conformance.traffic.steps import Drop, Frame, Join, Leave, Say, Stream, script
from tests.traffic.hub import Hub
from tests.traffic.plays import findings, kinds, lose_patience, others_run

pytestmark = pytest.mark.asyncio


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


async def test_members_that_a_play_leaves_behind_are_told_and_taken_out_of_their_groups() -> None:
    """Its own alone: others may be served beside it."""
    hub = Hub()
    async with Player(hub) as player:
        await player.join("alice", "lobby")
    assert hub.forgotten == set()

    async with Player(hub) as player:
        await player.join("bob", "lobby")
        [key] = hub.events
        hub.events[key].append(Event(at=time.monotonic(), kind=Kind.CHANNEL, connection=key, detail="specific.a!b"))
        hub.left = ["chat.lobby"]

    assert [event.detail for event in player.history.of(Kind.MEMBER_LEFT_BEHIND)] == ["chat.lobby"]
    assert hub.forgotten == {"specific.a!b"}


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
