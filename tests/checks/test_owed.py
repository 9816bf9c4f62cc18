"""To whom a message is owed, and what is confusing but correct."""

import pytest

from channels_conformance.checks import lost
from channels_conformance.history import Kind
from tests.checks.written import Script, judge, only


def test_the_sender_must_hear_itself(lobby: Script) -> None:
    """The sayer is a member of its own audience."""
    lobby.say("alice", "one", heard_by="bob")

    assert "alice (daphne-1) never received" in only(lobby.history, "lost").sentence


def test_a_fence_that_never_came_back_is_lost(play: Script) -> None:
    """A client whose first fence never comes back, and that never leaves, is a loss and no empty green."""
    play.connect("alice")
    play.accept("alice")
    play.fence("alice")

    assert "never received the fence ~f2~" in only(play.history, "lost").sentence


def test_an_echo_is_owed_to_its_sayer_alone(play: Script) -> None:
    """Where the sender hears, its own answer is owed without any fence, and to nobody else."""
    play.join("alice", hears="sender", endpoint="echo")
    play.join("bob", hears="sender", endpoint="echo")
    play.say("alice", "one", heard_by="alice")
    assert judge(play.history) == {}

    play.say("bob", "two")
    assert only(play.history, "lost").connection == "bob#1"


def test_an_echo_is_owed_from_the_accept_on(play: Script) -> None:
    """Where the sender hears, nobody need prove first to take part."""
    play.connect("alice", hears="sender", endpoint="echo")
    play.accept("alice")
    play.say("alice", "one")

    assert "alice (daphne-1) never received 'one ~one~'" in only(play.history, "lost").sentence


def test_a_message_to_a_user_is_owed_to_all_its_connections(play: Script) -> None:
    """Where the user hears, each connection of the same user must hear, and no other user's."""
    play.join("tab", hears="user", user="alice", endpoint="inbox")
    play.join("phone", hears="user", user="alice", endpoint="inbox")
    play.join("bob", hears="user", endpoint="inbox")
    play.say("tab", "one", heard_by="tab phone")
    assert judge(play.history) == {}

    play.say("phone", "two", heard_by="phone")
    assert only(play.history, "lost").connection == "tab#1"


def test_whoever_leaves_while_a_message_is_under_way_may_miss_it(lobby: Script) -> None:
    """A leaver that heard no later fence of the sayer is owed nothing that was still under way."""
    lobby.say("alice", "one", heard_by="alice")
    lobby.leave("bob")
    lobby.fence("alice", heard_by="alice")

    assert judge(lobby.history) == {}


def test_whoever_leaves_while_a_message_is_under_way_may_hear_it(lobby: Script) -> None:
    """A leaver may still hear a message between its own close and the server's."""
    lobby.add(Kind.LEAVING, "bob", code=1000)
    lobby.say("alice", "one", heard_by="alice bob")
    lobby.told("bob", 1000)
    lobby.add(Kind.CLOSED, "bob", code=1000)

    assert judge(lobby.history) == {}


def test_a_leaver_that_heard_a_later_fence_was_owed_the_message(lobby: Script) -> None:
    """A later fence of the same sayer proves that the message should have come before the listener left."""
    lobby.say("alice", "one", heard_by="alice")
    lobby.fence("alice", heard_by="alice bob")
    lobby.leave("bob")

    assert only(lobby.history, "lost").connection == "bob#1"


def test_the_fence_of_another_client_proves_nothing_to_a_leaver(lobby: Script) -> None:
    """A fence of somebody else went another way, so a leaver that heard it may have missed the message."""
    lobby.say("alice", "one", heard_by="alice")
    lobby.fence("bob", heard_by="bob alice")
    lobby.leave("bob")

    assert judge(lobby.history) == {}


def test_whoever_is_connecting_may_hear_or_miss_a_message(lobby: Script) -> None:
    """A message said while somebody is connecting is neither owed to it nor unexpected."""
    lobby.connect("carol")
    lobby.connect("dave")
    text = lobby.say("alice", "one", heard_by="alice bob")
    lobby.fence("alice", heard_by="alice bob")
    lobby.accept("carol")
    lobby.accept("dave")
    lobby.hear("carol", text)

    assert judge(lobby.history) == {}


def test_a_client_that_comes_back_is_another_connection(lobby: Script) -> None:
    """What the first connection heard is not owed to the second, nor is it ordered with it."""
    lobby.say("alice", "one", heard_by="alice bob")
    lobby.leave("bob")
    lobby.join("bob", worker="daphne-1")
    lobby.say("alice", "two", heard_by="alice bob")
    assert judge(lobby.history) == {}

    lobby.say("alice", "three", heard_by="alice")
    assert only(lobby.history, "lost").sentence.startswith("bob#2 (daphne-1) never")


def test_what_an_aborted_sayer_said_may_be_lost(lobby: Script) -> None:
    """A message is owed to nobody if its sayer aborted and the application never got it."""
    lobby.say("alice", "one")
    lobby.abort("alice")

    assert judge(lobby.history) == {}


@pytest.mark.parametrize("got", [False, True])
def test_what_is_said_while_the_application_closes_is_owed_where_it_got_that(lobby: Script, got: bool) -> None:  # noqa: FBT001
    """A client speaks until it learns of the close, and the application listens no more."""
    lobby.add(Kind.ANSWERED, "alice", detail="websocket.close", code=4000)
    lobby.say("alice", "one")
    if got:
        lobby.add(Kind.DELIVERED, "alice", detail="websocket.receive", text="~one~")
    lobby.add(Kind.CLOSED, "alice", code=4000)
    lobby.told("alice", 4000)

    assert bool(lost(lobby.history)) is got


def test_what_an_aborted_sayer_said_may_be_heard(lobby: Script) -> None:
    """A message of an aborted sayer is still allowed, for the application may have got it."""
    text = lobby.say("alice", "one")
    lobby.abort("alice")
    lobby.hear("bob", text)

    assert judge(lobby.history) == {}


def test_what_an_aborted_sayer_said_is_owed_once_the_application_has_it(lobby: Script) -> None:
    """A message that was delivered to the application is owed, though its sayer aborted."""
    text = lobby.say("alice", "one")
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.receive", text=text)
    lobby.abort("alice")

    assert only(lobby.history, "lost").connection == "bob#1"


def test_what_was_said_on_a_closed_connection_is_owed_to_nobody(lobby: Script) -> None:
    """A message said after the connection ended is owed to nobody."""
    lobby.leave("alice")
    lobby.say("alice", "one")

    assert judge(lobby.history) == {}


def test_what_is_lost_with_the_fences_behind_it_is_lost(lobby: Script) -> None:
    """A listener that stayed through a round of fences was owed the message, though no fence reached it either."""
    lobby.say("alice", "one", heard_by="alice")
    lobby.fence("alice", heard_by="alice")
    lobby.fence("bob", heard_by="bob")
    lobby.leave("alice")
    lobby.leave("bob")

    assert only(lobby.history, "lost").connection == "bob#1"


def test_the_first_fence_of_a_newcomer_is_waited_for_by_the_newcomer_alone(lobby: Script) -> None:
    """A leaver that may have missed a newcomer's first fence may have missed the sayer's last word as well."""
    lobby.say("alice", "one", heard_by="alice")
    lobby.leave("alice")
    lobby.join("carol")
    lobby.leave("bob")

    assert judge(lobby.history) == {}


def test_a_leavers_last_word_is_proven_by_the_fences_of_others(lobby: Script) -> None:
    """Once the sayer's application returned, any later fence of the audience comes behind what it said."""
    lobby.say("alice", "one")
    lobby.leave("alice")
    lobby.fence("bob", heard_by="bob")
    lobby.leave("bob")

    assert only(lobby.history, "lost").connection == "bob#1"


def test_a_first_fence_that_never_came_back_is_lost_though_the_client_left_later(play: Script) -> None:
    """A client waits for its own fence, so leaving without having heard it is a loss."""
    play.connect("alice")
    play.accept("alice")
    play.fence("alice")
    play.leave("alice")

    assert only(play.history, "lost").connection == "alice#1"


def test_a_fence_cut_off_by_the_server_is_excused(lobby: Script) -> None:
    """A fence is not owed on a connection that the server ended."""
    lobby.fence("alice")
    lobby.turn_out("alice")

    assert judge(lobby.history) == {}


def test_a_fence_is_excused_though_the_application_closed_nothing(lobby: Script) -> None:
    """A server that is stopped ends its connections by itself."""
    lobby.fence("alice")
    lobby.add(Kind.CLOSED, "alice", code=1001)
    lobby.told("alice", 1001)

    assert judge(lobby.history) == {}


def test_a_clean_leaver_is_heard(lobby: Script) -> None:
    """What was said before a clean close is owed: the server must deliver it before the disconnect."""
    lobby.say("alice", "one")
    lobby.leave("alice")

    assert only(lobby.history, "lost").connection == "bob#1"


def test_a_fence_that_came_back_proves_what_an_aborted_sayer_said(lobby: Script) -> None:
    """A fence of the sayer that came back proves that the application got all it said before."""
    text = lobby.say("alice", "one")
    lobby.hear("alice", text)
    lobby.fence("alice", heard_by="alice bob")
    lobby.abort("alice")

    assert only(lobby.history, "lost").connection == "bob#1"


def test_a_listener_the_server_cut_off_is_owed_no_fence_under_way(lobby: Script) -> None:
    """A listener that the server ended while a fence was under way may have missed the message too."""
    lobby.say("alice", "one", heard_by="alice")
    lobby.fence("alice", heard_by="alice")
    lobby.turn_out("bob")

    assert judge(lobby.history) == {}


def test_a_fence_that_came_is_proof_though_the_server_cut_the_listener_off_later(lobby: Script) -> None:
    """Nobody need have waited for a fence that is there."""
    lobby.say("alice", "one", heard_by="alice")
    lobby.fence("alice", heard_by="alice bob")
    lobby.turn_out("bob")

    assert only(lobby.history, "lost").connection == "bob#1"


def test_a_crashed_listener_is_owed_nothing_more(lobby: Script) -> None:
    """A listener whose application crashed hears nothing from then on, and the crash is the only finding."""
    lobby.add(Kind.CRASHED, "bob", detail="ValueError")
    lobby.say("alice", "one", heard_by="alice")

    assert only(lobby.history, "crashed").connection == "bob#1"


def test_a_fence_on_a_connection_never_accepted_is_not_owed(play: Script) -> None:
    """Nothing is owed to a connection that was never accepted."""
    play.connect("alice")
    play.fence("alice")
    play.add(Kind.ABORTED, "alice")

    assert judge(play.history) == {}


def test_a_fence_of_a_sayer_cut_off_is_no_proof(lobby: Script) -> None:
    """Nobody waits for the fence of a sayer that the server ended, so its listeners may leave before they hear it."""
    lobby.say("alice", "one", heard_by="alice")
    lobby.fence("alice")
    lobby.turn_out("alice")
    lobby.leave("bob")

    assert judge(lobby.history) == {}


def test_a_message_may_be_owed_from_the_accept_on(play: Script) -> None:
    """What is said between a listener's accept and its first fence is owed to it where a claim says so."""
    play.join("alice")
    play.connect("bob")
    play.accept("bob")
    play.say("alice", "one", heard_by="alice")
    play.fence("alice", heard_by="alice bob")
    play.fence("bob", heard_by="alice bob")
    play.add(Kind.READY, "bob")

    assert lost(play.history) == []
    assert [it.connection for it in lost(play.history, takes_part_from=Kind.ACCEPTED)] == ["bob#1"]
