"""What Channels itself makes of consumers, as its lessons show: frames in order, ends, and events after the end."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from channels_conformance.checks import (
    Anomaly,
    disconnected_by_an_event,
    ended_without_disconnect,
    heard_in_order,
    served_after_disconnect,
    waits_at_its_gate,
)
from channels_conformance.history import Kind
from tests.checks.written import Script


@pytest.mark.parametrize(
    ("frames", "anomaly"),
    [
        (["one", "two"], None),
        (["one"], Anomaly.LOST),
        (["two", "one"], Anomaly.REORDERED),
        (["one", "two", "three"], Anomaly.UNEXPECTED),
        (["one", "two", "two"], Anomaly.UNEXPECTED),
    ],
)
def test_frames_are_compared_in_order(play: Script, frames: list[str], anomaly: Anomaly | None) -> None:
    """What a client received is told apart from what it was to receive; fences count for nothing."""
    play.join("alice")
    fence = play.add(Kind.FENCE, "alice", marker="~f0~", text="~f0~")
    for frame in (*frames, fence.text):
        play.add(Kind.RECEIVED, "alice", text=frame)
    play.history.events = [
        event for event in play.history if event.kind is not Kind.RECEIVED or not (event.text or "").startswith("{")
    ]

    findings = heard_in_order(play.history, frames={"alice": ["one", "two"]})

    assert [finding.anomaly for finding in findings] == ([anomaly] if anomaly else [])


@pytest.mark.parametrize("due", [("one", "", "one"), ["one", "", "one"]])
def test_a_frame_may_be_empty_and_another_come_twice(lobby: Script, due: Sequence[str]) -> None:
    """Whatever is due is due as it stands there and as often, and what came in its place was not."""
    lobby.history.events.clear()
    heard = [lobby.add(Kind.RECEIVED, "alice", text=frame) for frame in ("one", "", "one")]
    assert heard_in_order(lobby.history, frames={"alice": due}) == []

    heard[-1] = lobby.history.events[-1] = replace(heard[-1], text="two")
    (finding,) = heard_in_order(lobby.history, frames={"alice": due})

    assert finding.anomaly is Anomaly.LOST
    assert finding.sentence == "alice was to receive 'one', '', 'one' and received 'one', '', 'two'"
    assert finding.evidence == tuple(heard)


def test_a_binary_frame_is_no_text_frame(lobby: Script) -> None:
    """One that is empty does not stand for an empty text, and is shown as what it is."""
    lobby.history.events.clear()
    lobby.add(Kind.RECEIVED, "alice", data=b"")

    (finding,) = heard_in_order(lobby.history, frames={"alice": [""]})

    assert finding.sentence == "alice was to receive '' and received \"b''\""


def test_who_received_nothing_is_shown_by_what_it_did_last(play: Script) -> None:
    """Where no frame came, the last event of that client is the evidence."""
    for client in ("alice", "bob"):
        play.connect(client)
    play.add(Kind.ACCEPTED, "alice")
    last = play.add(Kind.SENT, "alice", text="hello")
    play.add(Kind.ACCEPTED, "bob")

    (finding,) = heard_in_order(play.history, frames={"alice": ["one"]})

    assert finding.sentence == "alice was to receive 'one' and received nothing"
    assert finding.evidence == (last,)


def test_who_raises_ends_without_disconnect(lobby: Script) -> None:
    """A consumer that ended by the exception, and was told nothing more, did as Channels does."""
    stopped = lobby.add(Kind.STOPPED, "alice", detail="Traceback\nKeyError: 'x'\n")

    assert ended_without_disconnect(lobby.history, errors={"alice": "KeyError"}) == []
    (other,) = ended_without_disconnect(lobby.history, errors={"alice": "ValueError"})
    assert "was to end by ValueError, and ended by" in other.sentence
    assert other.evidence == (stopped,)
    (none,) = ended_without_disconnect(lobby.history, errors={"bob": "ValueError"})
    assert "ended by 'nothing'" in none.sentence
    lobby.add(Kind.DISCONNECT_RAN, "alice", code=1006)
    (ran,) = ended_without_disconnect(lobby.history, errors={"alice": "KeyError"})
    assert ran.sentence == "disconnect() ran for alice, whose consumer raised"


@pytest.mark.parametrize(
    ("steps", "served"),
    [
        ("gone lesson.stop", True),
        ("lesson.told gone lesson.stop", True),
        ("lesson.stop gone", False),
        ("lesson.stop", False),
        ("gone", False),
        ("gone lesson.told", False),
    ],
)
def test_who_never_stops_is_served_after_its_disconnect(lobby: Script, steps: str, served: bool) -> None:  # noqa: FBT001
    """An event that is handled after websocket.disconnect shows that the consumer goes on; no other shows anything."""
    for step in steps.split():
        if step == "gone":
            lobby.told("alice", 1000)
        else:
            lobby.add(Kind.EVENT_HANDLED, "alice", marker=step, detail="x")
    last = lobby.history.events[-1]
    lobby.add(Kind.RETURNED, "bob")

    findings = served_after_disconnect(lobby.history, clients=["alice"], event_type="lesson.stop")

    assert [(found.anomaly, found.evidence) for found in findings] == ([] if served else [(Anomaly.LOST, (last,))])


def test_an_event_can_run_disconnect(lobby: Script) -> None:
    """disconnect() that ran with the client there was run by an event; one that the server asked for was not."""
    lobby.add(Kind.DISCONNECT_RAN, "alice", code=1000)
    lobby.told("bob", 1000)

    assert disconnected_by_an_event(lobby.history, clients=["alice"]) == []
    (finding,) = disconnected_by_an_event(lobby.history, clients=["bob"])
    assert finding.evidence == (lobby.history.events[-1],)


def test_who_does_not_wait_proves_nothing(play: Script) -> None:
    """A consumer that is done before it was let go has kept nobody waiting."""
    for client in ("alice", "bob"):
        play.join(client)
    play.add(Kind.ANSWERED, "bob", text="waited")
    for client in ("alice", "bob"):
        play.add(Kind.LET_GO, client)
    play.add(Kind.ANSWERED, "alice", text="waited")

    (finding,) = waits_at_its_gate(play.history, done="waited")

    assert finding.sentence.startswith("the consumer of bob")
    assert waits_at_its_gate(play.history, done="done") == []
