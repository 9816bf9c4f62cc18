import pytest

from channels_conformance.checks import (
    closed_with,
    crashed,
    disconnect_code,
    disconnect_once_and_last,
    leaked,
    stayed,
)
from channels_conformance.history import GONE, Kind
from tests.checks.written import Script, judge, only

TRACEBACK = "Traceback (most recent call last):\n  ...\nValueError: no such room"


def test_clean_ends_are_no_finding(lobby: Script) -> None:
    """Leaving with a code, leaving without one and dropping the connection are all clean ends."""
    lobby.join("carol")
    lobby.leave("alice", 4001)
    lobby.leave("bob", None)
    lobby.abort("carol")

    assert judge(lobby.history) == {}


def test_an_exception_is_a_crash(lobby: Script) -> None:
    """An exception that leaves the application is one crash, named by its last line, however the client sees it."""
    lobby.add(Kind.CRASHED, "alice", detail=TRACEBACK)
    lobby.add(Kind.CLOSED, "alice", code=1011)

    sentence = only(lobby.history, "crashed").sentence

    assert sentence == "the application of alice (daphne-1) crashed: ValueError: no such room"


@pytest.mark.parametrize("reported", [True, False], ids=["reported", "not reported"])
def test_an_application_that_its_server_cancels_should_have_been_told(lobby: Script, *, reported: bool) -> None:
    """A server that shuts down owes its applications a disconnect, whether the cancelling was reported or not."""
    if reported:
        cancelled = "Traceback (most recent call last):\n  ...\nasyncio.exceptions.CancelledError"
        lobby.add(Kind.CRASHED, "alice", detail=cancelled)
    lobby.add(Kind.CLOSED, "alice", code=1006)

    [found] = disconnect_once_and_last(lobby.history)

    assert found.sentence == "the application of alice (daphne-1) was never told of the disconnect"
    assert found.blame == "server"


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
    assert len(crashed(play.history, unrouted=True)) == 1


def test_a_member_left_behind_is_a_leak(play: Script) -> None:
    """A group that still holds a channel after the play has leaked it."""
    play.add(Kind.MEMBER_LEFT_BEHIND, detail="chat.lobby", text="specific.abc!def")

    expected = "the group 'chat.lobby' still holds channel specific.abc!def after the play"
    assert only(play.history, "leaked").sentence == expected


def test_a_message_to_a_refused_connection_is_a_leak(lobby: Script) -> None:
    """A message that reaches a connection never accepted has leaked."""
    lobby.connect("mallory")
    text = lobby.say("alice", "one", heard_by="alice bob")
    lobby.add(Kind.RECEIVED, "mallory", text=text)
    lobby.add(Kind.REFUSED, "mallory", code=401)

    found = leaked(lobby.history)

    assert [it.sentence for it in found] == ["mallory (daphne-1) was to be shut out and received '~one~'"]


def test_a_message_to_a_barred_connection_is_a_leak(lobby: Script) -> None:
    """Where an app accepts and then closes, nothing may reach the connection in between."""
    lobby.say("alice", "one", heard_by="alice bob")

    assert {it.connection for it in leaked(lobby.history, barred=["bob#1"])} == {"bob#1"}


def test_a_disconnect_that_never_ran_is_found(lobby: Script) -> None:
    """An application that was told of the end must run disconnect()."""
    lobby.add(Kind.LEAVING, "alice", code=1000)
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1000)
    lobby.add(Kind.RETURNED, "alice")

    finding = only(lobby.history, "disconnect_once_and_last")

    assert finding.line() == "lost: disconnect() never ran for alice (daphne-1) [app]"


def test_an_application_that_never_returns_is_found(lobby: Script) -> None:
    """Once it was told of the end, an application has to finish."""
    lobby.add(Kind.LEAVING, "alice", code=None)
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1005)
    lobby.add(Kind.DISCONNECT_RAN, "alice", code=1005)

    finding = only(lobby.history, "disconnect_once_and_last")

    expected = "leaked: the application of alice (daphne-1) was told of the disconnect and never returned [app]"
    assert finding.line() == expected


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


def test_a_disconnect_that_ran_twice_is_found(lobby: Script) -> None:
    """disconnect() runs once, whoever calls it."""
    lobby.leave("alice")
    lobby.add(Kind.DISCONNECT_RAN, "alice", code=1000)

    assert only(lobby.history, "disconnect_once_and_last").sentence == "disconnect() ran 2 times for alice (daphne-1)"


def test_a_server_that_never_tells_of_the_end_is_found(lobby: Script) -> None:
    """A server must deliver the disconnect, and is to blame if it does not."""
    lobby.add(Kind.LEAVING, "alice", code=1000)
    lobby.add(Kind.CLOSED, "alice", code=1000)

    finding = only(lobby.history, "disconnect_once_and_last")

    assert finding.sentence == "the application of alice (daphne-1) was never told of the disconnect"
    assert finding.blame == "server"


def test_a_plain_application_may_refuse_and_return(play: Script) -> None:
    """An application without a consumer that refuses and returns needs no disconnect."""
    play.connect("alice")
    play.add(Kind.DELIVERED, "alice", detail="websocket.connect")
    play.add(Kind.ANSWERED, "alice", detail="websocket.close")
    play.add(Kind.RETURNED, "alice")
    play.add(Kind.REFUSED, "alice", code=403)

    assert set(judge(play.history)) == {"admission"}


def test_a_wrong_close_code_is_found(lobby: Script) -> None:
    """The application must be told the code that the client sent."""
    lobby.add(Kind.LEAVING, "alice", code=4001)
    lobby.told("alice", 1006)

    finding = only(lobby.history, "disconnect_code")

    assert finding.sentence == "the application of alice (daphne-1) was told close code 1006, not 4001"
    assert finding.blame == "server"


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


def test_a_shared_consumer_is_found(play: Script) -> None:
    """Two connections served by one consumer are crossed."""
    for client in ("alice", "bob"):
        play.connect(client)
        play.add(Kind.INSTANCE, client, marker="the same", detail="ChatConsumer")
        play.add(Kind.ACCEPTED, client)

    expected = "bob (daphne-1) was served by the consumer of alice (daphne-1)"
    assert only(play.history, "one_instance_per_connection").sentence == expected


def test_a_connection_without_a_consumer_of_its_own_is_found(lobby: Script) -> None:
    """A connection for which no consumer was made shares another's."""
    lobby.connect("carol")
    lobby.add(Kind.DELIVERED, "carol", detail="websocket.connect")
    lobby.add(Kind.ANSWERED, "carol", detail="websocket.accept")
    lobby.add(Kind.ACCEPTED, "carol")

    assert "no consumer was made for carol" in only(lobby.history, "one_instance_per_connection").sentence


def test_two_consumers_of_one_connection_are_found(lobby: Script) -> None:
    """A connection has one consumer."""
    lobby.add(Kind.INSTANCE, "alice", marker="another", detail="ChatConsumer")

    expected = "2 consumers were made for alice (daphne-1)"
    assert only(lobby.history, "one_instance_per_connection").sentence == expected


def test_who_was_to_stay_and_was_sent_away_is_found(lobby: Script) -> None:
    """An end that a client did not ask for is found, whatever its code; one that it asked for is not."""
    lobby.leave("alice")
    lobby.add(Kind.CLOSED, "bob", code=4500)

    (finding,) = stayed(lobby.history, clients=("alice", "bob"))

    assert finding.line() == "unexpected: bob (uvicorn-2) was to stay, and its connection ended with code 4500 [app]"


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

    assert [finding.connection for finding in closed_with(play.history, codes={"alice": 4001})] == ["alice#2"]


def test_a_frame_before_the_accept_is_found(play: Script) -> None:
    """Nothing may reach a client before its handshake is done."""
    play.connect("alice")
    play.add(Kind.RECEIVED, "alice", text="welcome")
    play.accept("alice")

    expected = "alice (daphne-1) received a frame before it was accepted"
    assert only(play.history, "silent_before_accept_and_after_close").sentence == expected


def test_a_send_after_disconnect_ran_is_found(lobby: Script) -> None:
    """Once disconnect() ran, the application has nobody left to send to."""
    lobby.add(Kind.LEAVING, "alice", code=1000)
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1000)
    lobby.add(Kind.DISCONNECT_RAN, "alice", code=1000)
    lobby.add(Kind.ANSWERED, "alice", detail="websocket.send", text="bye")
    lobby.add(Kind.RETURNED, "alice")

    expected = "the application of alice (daphne-1) sent websocket.send after disconnect() ran"
    assert only(lobby.history, "silent_before_accept_and_after_close").sentence == expected


def test_a_close_the_server_never_answered_is_no_crash(lobby: Script) -> None:
    """A client that closed and got no close frame back was not cut off."""
    lobby.add(Kind.LEAVING, "alice", code=1000)
    lobby.told("alice", 1000)
    lobby.add(Kind.CLOSED, "alice", code=1006)

    assert judge(lobby.history) == {}


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


@pytest.mark.parametrize(("stopped", "blame"), [([], "app"), (["daphne-1"], "server")])
def test_a_server_that_was_stopped_must_wait_for_its_applications(
    lobby: Script, stopped: list[str], blame: str
) -> None:
    """An application that was told of the disconnect and cut short is its own fault, unless its server was ending."""
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.connect")
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1012)
    lobby.add(Kind.CLOSED, "alice", code=1006)

    found = [one for one in disconnect_once_and_last(lobby.history, stopped=stopped) if "alice" in one.sentence]

    assert [(one.anomaly, one.blame) for one in found] == [("lost", blame)]
