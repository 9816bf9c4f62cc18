"""Which close code the application is told, and which its client sees."""

import pytest

from channels_conformance.checks import closed_with, disconnect_code
from channels_conformance.history import Kind
from tests.checks.written import Script, judge, only


@pytest.mark.parametrize(
    ("way", "sent", "told", "due"),
    [
        (Kind.LEAVING, 4001, 1006, 4001),
        (Kind.LEAVING, None, 1006, 1005),
        (Kind.ABORTED, None, 1005, 1006),
    ],
    ids=["left with a code", "left without one", "dropped out"],
)
def test_a_wrong_close_code_is_found(lobby: Script, way: Kind, sent: int | None, told: int, due: int) -> None:
    """The application must be told the code that the client sent, or what stands for none."""
    ended = lobby.add(way, "alice", code=sent)
    lobby.told("alice", told)

    finding = only(lobby.history, "disconnect_code")

    expected = f"unexpected: the application of alice (daphne-1) was told close code {told}, not {due} [server]"
    assert finding.line() == expected
    [delivered] = [one for one in lobby.history.of(Kind.DELIVERED) if one.detail == "websocket.disconnect"]
    assert finding.evidence == (ended, delivered)


def test_a_close_code_that_is_lost_on_its_way_to_disconnect_is_found(lobby: Script) -> None:
    """Where the server told the right code and disconnect() is given another, the application is to blame."""
    ended = lobby.add(Kind.LEAVING, "alice", code=4001)
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=4001)
    ran = lobby.add(Kind.DISCONNECT_RAN, "alice", code=1000)
    lobby.add(Kind.RETURNED, "alice")

    finding = only(lobby.history, "disconnect_code")

    assert finding.line() == "unexpected: disconnect() of alice (daphne-1) was told close code 1000, not 4001 [app]"
    assert finding.evidence == (ended, ran)


def test_a_known_deviation_of_a_server_is_tolerated_for_it_alone(lobby: Script) -> None:
    """A deviation counts for the server that has it and for no other."""
    for client in ("alice", "bob"):
        lobby.add(Kind.LEAVING, client, code=None)
        lobby.told(client, None)

    found = disconnect_code(lobby.history, deviations={"daphne": {(1005, None)}})

    assert [it.connection for it in found] == ["bob#1"]


def test_a_code_the_app_chose_is_not_the_clients(lobby: Script) -> None:
    """Where the application closed first, the client's answer is not judged."""
    lobby.add(Kind.ANSWERED, "alice", detail="websocket.close", code=4001)
    lobby.add(Kind.LEAVING, "alice", code=1000)
    lobby.told("alice", 4001)

    assert judge(lobby.history) == {}


def test_the_close_code_of_the_application_is_what_the_client_sees(play: Script) -> None:
    """A client that saw the code due to it gives no finding, nor does one for whom none is due."""
    for client, code in (("alice", 4001), ("bob", 4002)):
        play.join(client)
        play.add(Kind.ANSWERED, client, detail="websocket.close", code=code)
        play.add(Kind.CLOSED, client, code=code)

    assert closed_with(play.history, codes={"alice": 4001}) == []


def test_a_close_code_that_the_application_mistook_is_found(play: Script) -> None:
    """The application is to blame for a code that it never sent."""
    play.join("alice")
    play.add(Kind.ANSWERED, "alice", detail="websocket.close", code=1000)
    play.add(Kind.CLOSED, "alice", code=1000)

    (finding,) = closed_with(play.history, codes={"alice": 4001})

    assert (finding.anomaly, finding.blame, finding.connection) == ("unexpected", "app", "alice#1")
    assert "4001" in finding.sentence
    assert "1000" in finding.sentence


def test_a_close_code_that_the_server_changed_is_found(play: Script) -> None:
    """Where the application sent the code that is due, the server is to blame."""
    play.join("alice")
    play.add(Kind.ANSWERED, "alice", detail="websocket.close", code=4001)
    play.add(Kind.CLOSED, "alice", code=1006)

    (finding,) = closed_with(play.history, codes={"alice": 4001})

    assert finding.blame == "server"


def test_a_connection_that_was_to_be_closed_and_was_not_is_found(play: Script) -> None:
    """A client that never saw an end did not see the code either, and each of its connections is judged."""
    play.join("alice")
    play.add(Kind.CLOSED, "alice", code=4001)
    play.join("alice")
    last = play.add(Kind.ANSWERED, "alice", detail="websocket.send", text="still here")

    (finding,) = closed_with(play.history, codes={"alice": 4001})

    assert finding.sentence == "alice#2 (daphne-1) was to be closed with code 4001 and saw nothing"
    assert finding.evidence == (last,)
