"""Which ends of an application or a connection are a crash."""

import pytest

from channels_conformance.checks import crashed, disconnect_once_and_last
from channels_conformance.history import GONE, Kind
from tests.checks.written import Script, judge, only

TRACEBACK = "Traceback (most recent call last):\n  ...\nValueError: no such room"


def test_an_exception_is_a_crash(lobby: Script) -> None:
    """An exception that leaves the application is one crash, named by its last line, however the client sees it."""
    lobby.add(Kind.CRASHED, "alice", detail=TRACEBACK)
    lobby.add(Kind.CLOSED, "alice", code=1011)

    sentence = only(lobby.history, "crashed").sentence

    assert sentence == "the application of alice (daphne-1) crashed: ValueError: no such room"


def test_an_abnormal_close_nobody_asked_for_is_a_crash(lobby: Script) -> None:
    """A connection cut off by the server is a crash, though no worker recorded an exception."""
    lobby.add(Kind.CLOSED, "alice", code=1006)

    found = crashed(lobby.history)

    assert [it.sentence for it in found] == ["alice (daphne-1) was cut off with close code 1006"]


def test_a_killed_worker_may_cut_its_clients_off(lobby: Script) -> None:
    """Whoever kills a worker names it, and its own clients are then neither crashed nor owed a disconnect."""
    lobby.say("alice", "one")
    lobby.add(Kind.CLOSED, "alice", code=1006)

    killed = ["daphne-1"]
    assert crashed(lobby.history, killed=killed) == disconnect_once_and_last(lobby.history, killed=killed) == []
    assert len(crashed(lobby.history, killed=["uvicorn-2"])) == 1
    assert "lost" not in judge(lobby.history)


def test_a_worker_is_known_by_what_it_saw(play: Script) -> None:
    """Where it was not told beforehand who serves a connection, the worker that saw any of it does."""
    play.join("alice", worker="")
    play.add(Kind.DELIVERED, "alice", detail="websocket.receive", text="hello", worker="daphne-1")
    play.add(Kind.CLOSED, "alice", code=1006)

    assert (
        crashed(play.history, killed=["daphne-1"]) == disconnect_once_and_last(play.history, killed=["daphne-1"]) == []
    )
    assert len(crashed(play.history, killed=["uvicorn-2"])) == 1


def test_a_handshake_answered_with_a_server_error_is_a_crash(play: Script) -> None:
    """HTTP 500 instead of an answer is a crash, and no refusal."""
    play.connect("alice")
    play.add(Kind.REFUSED, "alice", code=500)

    assert only(play.history, "crashed").sentence == "the handshake of alice (daphne-1) was answered with HTTP 500"


def test_a_path_without_a_route_may_be_answered_with_a_server_error(play: Script) -> None:
    """Channels raises for a path that no route matches, which is excused where asked for, and nothing else is."""
    play.connect("alice")
    play.add(Kind.CRASHED, "alice", detail="Traceback:\nValueError: No route found for path 'ws/é'.\n")
    play.add(Kind.REFUSED, "alice", code=500)
    assert len(crashed(play.history)) == 1
    assert crashed(play.history, unrouted=True) == []

    play.connect("bob")
    play.add(Kind.CRASHED, "bob", detail=TRACEBACK)
    play.connect("carol")
    play.add(Kind.REFUSED, "carol", code=500)
    assert [one.connection for one in crashed(play.history, unrouted=True)] == ["bob#1", "carol#1"]


def test_a_consumer_that_is_done_has_done_its_part(lobby: Script) -> None:
    """A consumer that stopped is not to blame where the channel layer keeps its application from returning."""
    lobby.add(Kind.LEAVING, "alice", code=1000)
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1000)
    lobby.add(Kind.DISCONNECT_RAN, "alice", code=1000)
    lobby.add(Kind.STOPPED, "alice")

    assert set(judge(lobby.history)) == set()

    lobby.add(Kind.CRASHED, "alice", detail="Traceback (most recent call last):\nTimeoutError: reading from Redis")

    assert crashed(lobby.history) == disconnect_once_and_last(lobby.history) == []


def test_a_handler_that_raised_is_a_crash_also_where_the_application_cannot_end_for_it(play: Script) -> None:
    """A handshake whose handler raised is a crash and no missing answer, though no exception has left yet."""
    play.connect("alice")
    play.add(Kind.DELIVERED, "alice", detail="websocket.connect")
    play.add(Kind.STOPPED, "alice", detail="Traceback (most recent call last):\nTypeError: a bad name")
    play.add(Kind.UNANSWERED, "alice")

    finding = only(play.history, "crashed")

    assert finding.line() == "crashed: the application of alice (daphne-1) crashed: TypeError: a bad name [app]"


def test_a_handler_whose_exception_is_caught_has_not_crashed(lobby: Script) -> None:
    """What middleware catches never left the application."""
    lobby.add(Kind.STOPPED, "alice", detail="Traceback (most recent call last):\nTypeError: a bad name")
    lobby.add(Kind.ANSWERED, "alice", detail="websocket.close", code=4000)
    lobby.add(Kind.RETURNED, "alice")
    lobby.add(Kind.CLOSED, "alice", code=4000)

    assert set(judge(lobby.history)) <= {"disconnect_once_and_last"}


@pytest.mark.parametrize("way", [Kind.LEAVING, Kind.ABORTED])
def test_what_a_handler_raises_once_its_client_has_gone_is_a_crash_where_it_leaves(lobby: Script, way: Kind) -> None:
    """Where the client went first, the crash is the exception that leaves the application, if one does."""
    lobby.add(way, "alice")
    lobby.add(Kind.STOPPED, "alice", detail=TRACEBACK)
    assert crashed(lobby.history) == []

    left = lobby.add(Kind.CRASHED, "alice", detail=TRACEBACK)
    assert [one.evidence for one in crashed(lobby.history)] == [(left,)]


def test_a_consumer_that_is_done_later_excuses_no_crash(lobby: Script) -> None:
    """A consumer may outlive its application, where middleware runs it as a task, and the crash came first."""
    crash = lobby.add(Kind.CRASHED, "alice", detail=TRACEBACK)
    lobby.add(Kind.STOPPED, "alice")

    assert [one.evidence for one in crashed(lobby.history)] == [(crash,)]


def test_a_close_the_server_never_answered_is_no_crash(lobby: Script) -> None:
    """A client that closed and got no close frame back was not cut off."""
    lobby.add(Kind.LEAVING, "alice", code=1000)
    lobby.told("alice", 1000)
    lobby.add(Kind.CLOSED, "alice", code=1006)

    assert judge(lobby.history) == {}


@pytest.mark.parametrize("code", [1006, 1011])
def test_a_client_that_dropped_out_was_not_cut_off(lobby: Script, code: int) -> None:
    """Whatever a client last saw of a connection that it dropped, its server did not end that."""
    lobby.add(Kind.ABORTED, "alice")
    lobby.add(Kind.CLOSED, "alice", code=code)

    assert crashed(lobby.history) == []


def test_a_send_to_a_client_that_has_just_gone_is_no_crash(lobby: Script) -> None:
    """An application may let out what its server raises where the client went before it was told."""
    lobby.add(Kind.LEAVING, "bob", code=1000)
    lobby.add(Kind.ANSWERED, "bob", detail="websocket.send", text="too late")
    lobby.add(Kind.CRASHED, "bob", detail="uvicorn.protocols.utils.ClientDisconnected", marker=GONE)
    lobby.add(Kind.CLOSED, "bob", code=1000)

    assert judge(lobby.history) == {}


def test_a_send_once_disconnect_has_run_is_a_crash(lobby: Script) -> None:
    """An application that was told of the end, and sends all the same, has itself to blame for the exception."""
    lobby.add(Kind.LEAVING, "bob", code=1000)
    lobby.add(Kind.DISCONNECT_RAN, "bob", code=1000)
    lobby.add(Kind.CRASHED, "bob", detail="uvicorn.protocols.utils.ClientDisconnected", marker=GONE)

    (finding,) = crashed(lobby.history)

    assert "ClientDisconnected" in finding.sentence
