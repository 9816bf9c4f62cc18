import pytest

from channels_conformance.history import Kind
from tests.checks.written import Script, judge, only


@pytest.fixture
def inbox(play: Script) -> Script:
    """Return a script in which alice listens on two connections and bob on one, beside an open room."""
    play.join("tab", "", hears="nobody", endpoint="inbox", user="alice")
    play.join("phone", "", hears="user", endpoint="inbox", user="alice")
    play.join("bob", "", hears="nobody", endpoint="inbox")
    play.join("alice")
    return play


def test_a_result_heard_on_every_connection_of_its_user_is_no_finding(inbox: Script) -> None:
    """A result reaches all connections of its user that listen for it, and no room need hear it."""
    inbox.queue("alice", "report", heard_by="tab phone")

    assert judge(inbox.history) == {}


def test_an_offline_user_is_owed_nothing(inbox: Script) -> None:
    """A result for somebody who is not there is owed to nobody."""
    inbox.queue("dave", "report")

    assert judge(inbox.history) == {}


def test_whoever_leaves_before_the_result_is_owed_nothing(inbox: Script) -> None:
    """A connection that ended, or that came after the task was queued, may miss the result."""
    text = inbox.queue("alice", "report")
    inbox.leave("phone")
    inbox.join("laptop", "", hears="nobody", endpoint="inbox", user="alice")
    inbox.hear("tab", text)

    assert judge(inbox.history) == {}


def test_a_result_one_connection_misses_is_lost(inbox: Script) -> None:
    """Each connection of the user is owed the result."""
    inbox.queue("alice", "report", heard_by="tab")

    expected = "phone (daphne-1) never received the result 'report ~report~' for alice"
    assert only(inbox.history, "results_heard").sentence == expected


def test_a_result_is_owed_to_whoever_stayed_to_the_end(inbox: Script) -> None:
    """A connection that its client ended after the last step of the play was owed the result."""
    inbox.queue("alice", "report", heard_by="tab")
    inbox.leave("phone")
    inbox.leave("tab")

    assert only(inbox.history, "results_heard").connection == "phone#1"


def test_a_result_that_comes_twice_is_duplicated(inbox: Script) -> None:
    """A result reaches a connection once."""
    inbox.queue("alice", "report", heard_by="tab phone phone")

    assert only(inbox.history, "results_heard").anomaly == "duplicated"


@pytest.mark.parametrize("times", [1, 2])
def test_a_result_for_somebody_else_is_crossed(inbox: Script, times: int) -> None:
    """A result reaches nobody but its user, and not the user's rooms either; how often it does is no other matter."""
    inbox.queue("alice", "report", heard_by="tab phone" + times * " bob")

    finding = only(inbox.history, "results_heard")

    assert finding.line() == "crossed: bob (daphne-1) received the result 'report ~report~' for alice [app]"
    assert finding.connection == "bob#1"


def test_an_altered_result_is_lost(inbox: Script) -> None:
    """A result must arrive whole."""
    inbox.queue("alice", "report", heard_by="tab")
    inbox.hear("phone", "REPORT ~report~")

    assert "arrived altered" in only(inbox.history, "results_heard").sentence


def test_a_result_before_its_work_is_reordered(inbox: Script) -> None:
    """A result follows the beginning of the work."""
    queued = inbox.add(Kind.QUEUED, marker="~report~", text="~report~", detail="alice")
    inbox.hear("tab", "~report~")
    (heard,) = inbox.history.of(Kind.RECEIVED, connection="tab#1")
    started = inbox.add(Kind.TASK_STARTED, marker="~report~")
    inbox.hear("phone", "~report~")
    inbox.add(Kind.TASK_ENDED, marker="~report~")

    finding = only(inbox.history, "results_heard")

    assert "before the task was begun" in finding.sentence
    assert (finding.connection, finding.evidence) == ("tab#1", (queued, heard, started))


@pytest.mark.parametrize(("steps", "step"), [([], "begun"), ([Kind.TASK_STARTED], "ended")])
def test_a_task_that_was_not_done_is_lost(play: Script, steps: list[Kind], step: str) -> None:
    """A queued task is begun and ended."""
    play.add(Kind.QUEUED, marker="~report~", text="~report~", detail="alice")
    for kind in steps:
        play.add(kind, marker="~report~")

    assert only(play.history, "tasks_done").sentence == f"the task ~report~ of alice was never {step}"


@pytest.mark.parametrize(
    "again",
    [[Kind.TASK_STARTED, Kind.TASK_ENDED], [Kind.TASK_STARTED], [Kind.TASK_ENDED]],
    ids=["begun and ended", "begun", "ended"],
)
def test_a_task_that_ran_twice_is_duplicated(play: Script, again: list[Kind]) -> None:
    """A queued task runs once: it is begun once, and ended once."""
    play.queue("alice", "report")
    for kind in again:
        play.add(kind, marker="~report~")

    assert only(play.history, "tasks_done").sentence == "the task ~report~ of alice ran 2 times"
