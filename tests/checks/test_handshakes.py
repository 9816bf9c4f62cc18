"""Who is let in, handshakes that are answered once, and those that crash for what they ask for."""

from dataclasses import replace

import pytest

from channels_conformance.checks import (
    admission,
    answered_handshake,
    answered_in_time,
    answered_whatever_was_asked,
    asked_without_a_crash,
)
from channels_conformance.history import Kind
from tests.checks.written import Script, judge, only

TRACEBACK = "Traceback (most recent call last):\n  ...\nValueError: not enough values to unpack"


def refuse(play: Script, client: str, code: int = 403) -> None:
    """Begin a handshake which the application refuses."""
    play.connect(client)
    play.add(Kind.INSTANCE, client, marker=f"instance of {client}", detail="ChatConsumer")
    play.add(Kind.DELIVERED, client, detail="websocket.connect")
    play.add(Kind.ANSWERED, client, detail="websocket.close")
    play.add(Kind.REFUSED, client, code=code)
    play.told(client, 1006)


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
    lobby.add(Kind.DELIVERED, "mallory", detail="websocket.connect")
    crash = lobby.add(Kind.CRASHED, "mallory", detail=TRACEBACK)
    lobby.add(Kind.REFUSED, "mallory", code=500)

    (finding,) = asked_without_a_crash(lobby.history)

    assert (finding.anomaly, finding.blame, finding.evidence) == ("crashed", "app", (crash,))
    assert "ValueError: not enough values to unpack" in finding.sentence


def test_an_answer_of_500_is_found_without_an_exception(lobby: Script) -> None:
    """An application that catches its own exception, and answers with HTTP 500 all the same, has crashed."""
    lobby.connect("mallory")
    lobby.add(Kind.REFUSED, "mallory", code=500)
    lobby.told("mallory", 1006)

    (finding,) = asked_without_a_crash(lobby.history)

    assert "HTTP 500" in finding.sentence


@pytest.mark.parametrize("way", [Kind.CRASHED, Kind.UNANSWERED])
def test_a_handshake_is_judged_by_what_it_asks_where_another_of_its_user_went_well(lobby: Script, way: Kind) -> None:
    """One that crashes, or is not answered, beside one that is well is found; where all are unwell, it is no query."""
    for client, user in (("plain", "mallory"), ("odd", "mallory"), ("nobody", ""), ("nobody with ?a", "")):
        lobby.connect(client)
        lobby.history.connections[f"{client}#1"] = replace(lobby.history.connections[f"{client}#1"], user=user)
    for client in ("odd", "nobody", "nobody with ?a"):
        lobby.add(way, client, detail=TRACEBACK)
    lobby.add(Kind.REFUSED, "plain", code=403)

    (finding,) = answered_whatever_was_asked(lobby.history)

    assert finding.connection == "odd#1"


def test_an_exception_at_the_end_is_none_of_the_handshakes(lobby: Script) -> None:
    """What disconnect() raises, once the client has gone, was not asked for by the handshake."""
    lobby.add(Kind.LEAVING, "alice", code=1000)
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1000)
    lobby.add(Kind.CRASHED, "alice", detail=TRACEBACK)

    assert asked_without_a_crash(lobby.history) == []


def test_a_handler_that_raises_when_the_server_has_told_of_the_end_is_none_of_the_handshakes(lobby: Script) -> None:
    """What a consumer raises once it was told, though no client went away, was not asked for by the handshake."""
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1012)
    lobby.add(Kind.STOPPED, "alice", detail=TRACEBACK)

    assert asked_without_a_crash(lobby.history) == []


def test_whoever_is_entitled_must_be_let_in(play: Script) -> None:
    """A refusal of a connection that nobody barred is found."""
    refuse(play, "alice")

    finding = only(play.history, "admission")

    assert finding.line() == "refused: alice (daphne-1) was refused with HTTP 403 though it is entitled [app]"


def test_whoever_is_barred_must_be_refused(play: Script) -> None:
    """A barred connection that is accepted is found, and one that is refused is not."""
    refuse(play, "alice")
    play.connect("bob")
    play.accept("bob")
    play.add(Kind.CLOSED, "bob", code=4401)

    barred = ["alice#1", "bob#1"]
    assert [it.connection for it in admission(play.history, barred=barred)] == ["bob#1"]
    assert admission(play.history, barred=barred, before_accept=False) == []


def test_a_barred_connection_that_stays_open_was_admitted(play: Script) -> None:
    """Accepting first is no excuse for not closing."""
    play.connect("bob")
    play.accept("bob")

    (finding,) = admission(play.history, barred=["bob#1"], before_accept=False)

    assert finding.line() == "admitted: bob (daphne-1) was let in though it is not entitled [app]"


def test_an_unanswered_handshake_is_found(play: Script) -> None:
    """A handshake with no answer is found, whether or not the client noticed."""
    play.connect("alice")
    play.add(Kind.UNANSWERED, "alice")

    finding = only(play.history, "answered_handshake")

    assert finding.sentence == "the handshake of alice (daphne-1) was never answered"
    assert finding.evidence == tuple(play.history.events)

    play.connect("bob")
    assert len(judge(play.history)["answered_handshake"]) == 2


@pytest.mark.parametrize("way", [Kind.ABORTED, Kind.LEAVING])
def test_a_client_that_gives_up_needs_no_answer(play: Script, way: Kind) -> None:
    """A handshake the client dropped needs no answer."""
    play.connect("alice")
    play.add(way, "alice")

    assert judge(play.history) == {}


def test_a_client_that_gives_up_after_its_deadline_was_owed_an_answer(play: Script) -> None:
    """A handshake that the client dropped only since no answer came has been left without one."""
    play.connect("alice")
    play.add(Kind.UNANSWERED, "alice")
    play.add(Kind.ABORTED, "alice")

    assert [finding.anomaly for finding in answered_handshake(play.history)] == ["unanswered"]


def test_what_no_client_began_is_no_handshake(play: Script) -> None:
    """What an application does for a connection that no client began is not judged as a handshake."""
    play.add(Kind.DELIVERED, "nobody", detail="websocket.connect")

    assert answered_handshake(play.history) == []


def test_a_handshake_answered_twice_is_found(lobby: Script) -> None:
    """A handshake is answered once: the server that answers it again is to blame, and both answers are shown."""
    lobby.add(Kind.ACCEPTED, "alice")

    finding = only(lobby.history, "answered_handshake")

    assert "was answered 2 times" in finding.sentence
    assert [event.kind for event in finding.evidence] == [Kind.CONNECT, Kind.ACCEPTED, Kind.ACCEPTED]
    assert (finding.connection, finding.blame) == ("alice#1", "server")


@pytest.mark.parametrize("second", ["websocket.accept", "websocket.close", "websocket.http.response.start"])
def test_a_refusal_that_is_followed_by_another_answer_is_found(play: Script, second: str) -> None:
    """An application that refuses has answered, whatever the client makes of the second answer."""
    play.connect("alice")
    for answer in ("websocket.close", second):
        play.add(Kind.ANSWERED, "alice", detail=answer)
    play.add(Kind.REFUSED, "alice", code=403)

    (finding,) = answered_handshake(play.history)

    expected = f"the application answered the handshake of alice (daphne-1) with websocket.close and then {second}"
    assert finding.line() == f"duplicated: {expected} [app]"


def test_only_a_missing_answer_is_late(play: Script) -> None:
    """An answer too many is an answer in time; none is not."""
    play.connect("alice")
    for answer in ("websocket.close", "websocket.accept"):
        play.add(Kind.ANSWERED, "alice", detail=answer)
    play.add(Kind.REFUSED, "alice", code=403)
    play.connect("bob")
    play.add(Kind.UNANSWERED, "bob")

    assert [finding.connection for finding in answered_in_time(play.history)] == ["bob#1"]


def test_a_close_after_an_accept_is_no_second_answer(play: Script) -> None:
    """Who accepts and then closes with a code has answered the handshake once."""
    play.connect("alice")
    for answer in ("websocket.accept", "websocket.close"):
        play.add(Kind.ANSWERED, "alice", detail=answer)
    play.add(Kind.ACCEPTED, "alice")
    play.add(Kind.CLOSED, "alice", code=4401)

    assert answered_handshake(play.history) == []


def test_a_barred_connection_that_took_part_was_admitted(play: Script) -> None:
    """A barred connection that heard its own fence before it was closed was let in."""
    play.join("bob")
    play.add(Kind.CLOSED, "bob", code=4401)

    assert [it.anomaly for it in admission(play.history, barred=["bob#1"], before_accept=False)] == ["admitted"]


def test_whoever_is_let_in_twice_was_admitted_by_the_first_answer(lobby: Script) -> None:
    """The answer that let a barred connection in is the evidence, not one that came later."""
    first = lobby.history.first(Kind.ACCEPTED, connection="alice#1")
    lobby.add(Kind.ACCEPTED, "alice")

    (finding,) = admission(lobby.history, barred=["alice#1"])

    assert finding.evidence == (first,)
