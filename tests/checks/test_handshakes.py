"""Handshakes that crash for what they ask for, and crashes that come later."""

from channels_conformance.checks import asked_without_a_crash
from channels_conformance.history import Kind
from tests.checks.written import Script

TRACEBACK = "Traceback (most recent call last):\n  ...\nValueError: not enough values to unpack"


def test_who_is_let_in_or_refused_has_been_answered(lobby: Script) -> None:
    """A client who was let in and left, and one who was refused with HTTP 403, are no finding."""
    lobby.leave("alice", 1000)
    lobby.connect("mallory")
    lobby.add(Kind.DELIVERED, "mallory", detail="websocket.connect")
    lobby.add(Kind.REFUSED, "mallory", code=403)

    assert asked_without_a_crash(lobby.history) == []


def test_an_exception_before_the_answer_is_found(lobby: Script) -> None:
    """The application raised, and the client saw HTTP 500: one finding, which says what was raised."""
    lobby.connect("mallory")
    lobby.add(Kind.CRASHED, "mallory", detail=TRACEBACK)
    lobby.add(Kind.REFUSED, "mallory", code=500)

    (finding,) = asked_without_a_crash(lobby.history)

    assert (finding.anomaly, finding.blame) == ("crashed", "app")
    assert "ValueError: not enough values to unpack" in finding.sentence


def test_an_answer_of_500_is_found_without_an_exception(lobby: Script) -> None:
    """An application that catches its own exception, and answers with HTTP 500 all the same, has crashed."""
    lobby.connect("mallory")
    lobby.add(Kind.REFUSED, "mallory", code=500)
    lobby.told("mallory", 1006)

    (finding,) = asked_without_a_crash(lobby.history)

    assert "HTTP 500" in finding.sentence


def test_an_exception_at_the_end_is_none_of_the_handshakes(lobby: Script) -> None:
    """What disconnect() raises, once the client has gone, was not asked for by the handshake."""
    lobby.add(Kind.LEAVING, "alice", code=1000)
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1000)
    lobby.add(Kind.CRASHED, "alice", detail=TRACEBACK)

    assert asked_without_a_crash(lobby.history) == []
