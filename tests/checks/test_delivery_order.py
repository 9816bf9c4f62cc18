"""Which order holds between what one sayer says, its fences among it, and one listener hears."""

from channels_conformance.checks import reordered
from tests.checks.written import Script, judge, only


def test_two_messages_in_the_other_order_are_reordered(lobby: Script) -> None:
    """Two messages of one sayer that arrive in the other order are reordered."""
    one = lobby.say("alice", "one", heard_by="alice")
    lobby.say("alice", "two", heard_by="alice bob")
    lobby.hear("bob", one)

    finding = only(lobby.history, "reordered")

    assert "received 'one ~one~' that alice (daphne-1) said after 'two ~two~'" in finding.sentence
    assert finding.connection == "bob#1"


def test_each_message_behind_the_latest_is_reordered(lobby: Script) -> None:
    """One that comes too late does not make those that come behind it timely."""
    one, two = lobby.say("alice", "one", heard_by="alice"), lobby.say("alice", "two", heard_by="alice")
    lobby.say("alice", "three", heard_by="alice bob")
    lobby.hear("bob", one)
    lobby.hear("bob", two)

    assert [it.sentence.partition(" after ")[2] for it in reordered(lobby.history)] == [
        "'three ~three~' that alice (daphne-1) said later"
    ] * 2


def test_a_message_behind_a_later_fence_is_late(lobby: Script) -> None:
    """A message that comes after a fence sent later is late, and not reordered as well."""
    one = lobby.say("alice", "one", heard_by="alice")
    lobby.say("alice", "two", heard_by="alice bob")
    lobby.fence("alice", heard_by="alice bob")
    lobby.hear("bob", one)

    assert "after the fence" in only(lobby.history, "late").sentence


def test_a_message_behind_a_fence_that_was_itself_overtaken_is_late(lobby: Script) -> None:
    """A fence proves what was said before it, though something said after it came first."""
    one = lobby.say("alice", "one", heard_by="alice")
    fence = lobby.fence("alice", heard_by="alice")
    lobby.say("alice", "two", heard_by="alice bob")
    lobby.hear("bob", fence)
    lobby.hear("bob", one)

    assert "after the fence" in only(lobby.history, "late").sentence


def test_a_message_that_comes_again_is_not_reordered(lobby: Script) -> None:
    """One that was heard in its turn and comes once more after a later one is duplicated, and nothing else."""
    one = lobby.say("alice", "one", heard_by="alice bob")
    lobby.say("alice", "two", heard_by="alice bob")
    lobby.hear("bob", one)

    assert only(lobby.history, "duplicated").connection == "bob#1"


def test_two_sayers_are_not_ordered(lobby: Script) -> None:
    """Messages of two sayers may come in one order here and in the other there."""
    one, two = lobby.say("alice", "one"), lobby.say("bob", "two")
    for listener, first, second in (("alice", one, two), ("bob", two, one)):
        lobby.hear(listener, first)
        lobby.hear(listener, second)

    assert judge(lobby.history) == {}


def test_a_message_may_overtake_a_fence(lobby: Script) -> None:
    """A fence that comes behind a message said later proves less than it might, and is no anomaly."""
    fence = lobby.fence("alice", heard_by="alice")
    lobby.say("alice", "one", heard_by="alice bob")
    lobby.hear("bob", fence)

    assert judge(lobby.history) == {}
