import pytest

from channels_conformance.checks import (
    disconnect_once_and_last,
    leaked,
    silent_before_accept_and_after_close,
    stayed,
)
from channels_conformance.history import Kind
from tests.checks.written import Script, judge, only


def test_clean_ends_are_no_finding(lobby: Script) -> None:
    """Leaving with a code, leaving without one and dropping the connection are all clean ends."""
    lobby.join("carol")
    lobby.leave("alice", 4001)
    lobby.leave("bob", None)
    lobby.abort("carol")

    assert judge(lobby.history) == {}


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


def test_a_member_left_behind_is_a_leak(play: Script) -> None:
    """A group that still holds a channel after the play has leaked it."""
    play.add(Kind.MEMBER_LEFT_BEHIND, detail="chat.lobby")

    assert only(play.history, "leaked").sentence == "the group 'chat.lobby' still holds a channel after the play"


def test_a_message_to_a_refused_connection_is_a_leak(lobby: Script) -> None:
    """A message that reaches a connection never accepted has leaked, and is not called early or late as well."""
    lobby.connect("mallory")
    text = lobby.say("alice", "one", heard_by="alice bob")
    lobby.add(Kind.RECEIVED, "mallory", text=text)
    lobby.add(Kind.REFUSED, "mallory", code=401)

    found = leaked(lobby.history) + silent_before_accept_and_after_close(lobby.history)

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


@pytest.mark.parametrize(("stopped", "blame"), [([], "app"), (["daphne-1"], "server")])
def test_an_application_that_never_returns_is_found(lobby: Script, stopped: list[str], blame: str) -> None:
    """Once it was told of the end, an application has to finish, and a server that ends has to wait for it."""
    lobby.add(Kind.LEAVING, "alice", code=None)
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1005)
    lobby.add(Kind.DISCONNECT_RAN, "alice", code=1005)

    assert set(judge(lobby.history)) == {"disconnect_once_and_last"}
    (finding,) = disconnect_once_and_last(lobby.history, stopped=stopped)

    expected = f"leaked: the application of alice (daphne-1) was told of the disconnect and never returned [{blame}]"
    assert finding.line() == expected


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
    """An end that a client did not ask for is found, be it a close or a refusal; one that it asked for is not."""
    lobby.leave("alice")
    lobby.add(Kind.CLOSED, "bob", code=4500)
    lobby.connect("carol")
    lobby.add(Kind.REFUSED, "carol", code=403)
    lobby.join("dave")
    lobby.abort("dave")

    found = stayed(lobby.history, clients=("alice", "bob", "carol", "dave"))

    assert [finding.line() for finding in found] == [
        "unexpected: bob (uvicorn-2) was to stay, and its connection ended with code 4500 [app]",
        "unexpected: carol (daphne-1) was to stay, and its connection ended with code 403 [app]",
    ]


def test_a_frame_before_the_accept_is_found(play: Script) -> None:
    """Nothing may reach a client before its handshake is done."""
    play.connect("alice")
    play.add(Kind.RECEIVED, "alice", text="welcome")
    play.accept("alice")

    expected = "unexpected: alice (daphne-1) received a frame before it was accepted [server]"
    assert only(play.history, "silent_before_accept_and_after_close").line() == expected


def test_a_frame_after_the_end_is_found(lobby: Script) -> None:
    """Nothing may reach a client that has seen the end."""
    lobby.leave("alice")
    late = lobby.add(Kind.RECEIVED, "alice", text="one thing more")

    finding = only(lobby.history, "silent_before_accept_and_after_close")

    assert finding.line() == "unexpected: alice (daphne-1) received a frame after its end [server]"
    assert finding.evidence == (late,)


def test_a_send_after_disconnect_ran_is_found(lobby: Script) -> None:
    """Once disconnect() ran, the application has nobody left to send to."""
    lobby.add(Kind.LEAVING, "alice", code=1000)
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1000)
    lobby.add(Kind.DISCONNECT_RAN, "alice", code=1000)
    lobby.add(Kind.ANSWERED, "alice", detail="websocket.send", text="bye")
    lobby.add(Kind.RETURNED, "alice")

    expected = "the application of alice (daphne-1) sent websocket.send after disconnect() ran"
    assert only(lobby.history, "silent_before_accept_and_after_close").sentence == expected


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
