"""What becomes of the words of a sayer whose worker died, and who may hear what where no room decides."""

import pytest

from channels_conformance.checks import lost, results_lost
from channels_conformance.history import Kind
from tests.checks.written import Script, judge, only


@pytest.fixture
def strangers(play: Script) -> Script:
    """Return a script in which two clients that have not signed in are where only the user hears."""
    play.join("alice", "", hears="user", endpoint="inbox", user="")
    play.join("bob", "", hears="user", endpoint="inbox", user="")
    return play


def test_what_a_crashed_sayer_said_is_owed_to_nobody(lobby: Script) -> None:
    """An application that crashed may have done so over the message, and the crash is the only finding."""
    lobby.say("alice", "one")
    lobby.add(Kind.CRASHED, "alice", detail="ValueError")

    assert only(lobby.history, "crashed").connection == "alice#1"


@pytest.mark.parametrize("code", [1006, 1011, 1012])
def test_what_was_said_to_a_worker_that_died_is_owed_to_nobody(lobby: Script, code: int) -> None:
    """A client that asked for no close sees by one of these codes that its worker has crashed or was killed."""
    lobby.say("alice", "one")
    lobby.add(Kind.CLOSED, "alice", code=code)

    assert lost(lobby.history) == []


@pytest.mark.parametrize(
    ("kind", "client"),
    [
        (Kind.CONNECT, "bob"),
        (Kind.SAID, "bob"),
        (Kind.SENT, "bob"),
        (Kind.FENCE, "bob"),
        (Kind.QUEUED, ""),
        (Kind.PUSHED, ""),
    ],
)
def test_whoever_leaves_before_the_last_step_may_miss_a_result(play: Script, kind: Kind, client: str) -> None:
    """All that a client or a user does is a step, and a result is owed to those only who stay until the last."""
    play.join("alice", "", hears="user")
    play.join("bob", "", hears="user")
    play.queue("alice", "report")
    play.leave("alice")
    play.add(kind, client, marker="~next~", text="~next~")

    assert results_lost(play.history) == []


def test_what_is_said_where_nobody_hears_is_owed_to_nobody(play: Script) -> None:
    """Neither a message nor a fence of who can say nothing need come back."""
    play.join("alice", "", hears="nobody")
    play.say("alice", "one")
    play.fence("alice")

    assert judge(play.history) == {}


def test_what_is_said_where_nobody_hears_and_is_heard_has_crossed(play: Script) -> None:
    """Of all that is sent where nobody hears, only a fence may reach the audience."""
    play.join("alice", "", hears="nobody")
    play.join("bob", "", hears="nobody")
    play.say("alice", "one", heard_by="bob")

    assert only(play.history, "crossed").connection == "bob#1"


def test_the_fence_of_who_hears_itself_alone_reaches_nobody_else(play: Script) -> None:
    """Where the sender hears, a fence crosses as any message does."""
    play.join("alice", hears="sender")
    play.join("bob", hears="sender")
    play.fence("alice", heard_by="alice bob")

    assert only(play.history, "crossed").connection == "bob#1"


def test_what_a_stranger_says_is_owed_to_it_alone(strangers: Script) -> None:
    """Two clients that have not signed in are not one user, so each is owed its own words and no other's."""
    strangers.say("alice", "one")

    assert only(strangers.history, "lost").connection == "alice#1"


def test_what_a_stranger_says_crosses_to_another(strangers: Script) -> None:
    """Two clients that have not signed in are not one user, so neither may hear the other."""
    strangers.say("alice", "one", heard_by="alice bob")

    assert only(strangers.history, "crossed").connection == "bob#1"


def test_a_fence_without_a_text_arrives_by_its_marker(play: Script) -> None:
    """Where a task or an HTTP call is the fence, its marker is all there is of it."""
    play.join("alice", "", hears="user")
    play.add(Kind.FENCE, "alice", marker="~f9~")
    play.hear("alice", "done ~f9~")

    assert judge(play.history) == {}
