"""A client proves that it takes part, and what it says is heard by all who must before anybody leaves."""

from __future__ import annotations

import asyncio
import time

import pytest

from channels_conformance.history import Hears, Kind
from channels_conformance.traffic import speaking
from channels_conformance.traffic.player import Player
from channels_conformance.traffic.steps import Frame, Join, Say
from tests.traffic.hub import Hub, HubClient
from tests.traffic.plays import findings, kinds, lose_patience, others_run

pytestmark = pytest.mark.asyncio


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
    """The first wait was a whole one, and later ones are not; who is gone, or must not get in, says nothing."""
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
        monkeypatch.setattr(speaking, "GIVEN_UP", 0.0)
        await player.join("bob", "lobby", barred=True)

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
