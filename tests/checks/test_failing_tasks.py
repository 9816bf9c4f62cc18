from functools import partial

import pytest

from channels_conformance.checks import (
    Finding,
    done_in_vain,
    failures_told,
    results_altered,
    results_crossed,
    results_early,
    results_lost,
    results_repeated,
    tasks_succeeded,
)
from channels_conformance.checks.finding import Check
from channels_conformance.history import Kind
from tests.checks.written import Script

RESULTS = (results_lost, results_altered, results_crossed, results_repeated, results_early)


def found(check: Check, play: Script) -> list[Finding]:
    """Run a check."""
    return check(play.history)


@pytest.fixture
def inbox(play: Script) -> Script:
    """Return a script in which alice and bob listen for results."""
    play.join("alice", "", hears="user", endpoint="inbox")
    play.join("bob", "", hears="user", endpoint="inbox")
    return play


def fail(play: Script, *, told: str = "", ended: bool = True) -> None:
    """Let a task of alice fail, and her be told so in a frame."""
    play.add(Kind.DOOMED, marker="~t~", text="~t~", detail="alice")
    play.add(Kind.TASK_STARTED, marker="~t~")
    if told:
        play.add(Kind.RECEIVED, "alice", text=told)
    if ended:
        play.add(Kind.TASK_ENDED, marker="~t~", detail="Traceback\nValueError: no\n")


def test_each_anomaly_of_a_result_is_found_by_its_own_check(inbox: Script) -> None:
    """A result that somebody else hears is lost to its user, and crossed; it is nothing else."""
    inbox.queue("alice", "report", heard_by="bob")

    assert [check.__name__ for check in RESULTS if found(check, inbox)] == ["results_lost", "results_crossed"]


def test_a_task_that_raised_has_crashed(inbox: Script) -> None:
    """The last line of the traceback says why."""
    inbox.add(Kind.QUEUED, marker="~t~", text="~t~", detail="alice")
    inbox.add(Kind.TASK_ENDED, marker="~t~", detail="Traceback\nRuntimeError: Event loop is closed\n")

    (finding,) = tasks_succeeded(inbox.history)

    assert finding.line() == "crashed: the task ~t~ of alice raised: 'RuntimeError: Event loop is closed' [app]"


def test_a_long_reason_is_cut(inbox: Script) -> None:
    """What a task raised takes 200 characters of the sentence at most."""
    inbox.add(Kind.QUEUED, marker="~t~", text="~t~", detail="alice")
    inbox.add(Kind.TASK_ENDED, marker="~t~", detail=f"Traceback\nValueError: {'x' * 200}\n")

    (finding,) = tasks_succeeded(inbox.history)

    _, _, reason = finding.sentence.partition(" raised: ")
    assert (len(reason), reason[-1]) == (200, "…")


def test_a_task_that_ended_well_has_not_crashed(inbox: Script) -> None:
    """A task that says nothing at its end has succeeded."""
    inbox.queue("alice", "report", heard_by="alice")

    assert tasks_succeeded(inbox.history) == []


def test_a_failure_that_is_told_is_no_finding(inbox: Script) -> None:
    """The word of the profile shows it; without one, the marker does."""
    fail(inbox, told='{"state": "failed", "text": "~t~"}')

    assert failures_told(inbox.history, failed="failed") == []
    assert failures_told(inbox.history) == []
    inbox.hear("alice", "something else")
    assert failures_told(inbox.history, failed="failed") == []
    assert found(partial(done_in_vain, done="done"), inbox) == []


def test_a_failure_that_is_not_told_is_lost(inbox: Script) -> None:
    """Another word does not tell of failure."""
    fail(inbox, told='{"state": "done", "text": "~t~"}')

    (finding,) = failures_told(inbox.history, failed="failed")

    assert finding.sentence == "alice (daphne-1) was never told that the task ~t~ failed"
    assert finding.evidence == (*inbox.history.of(Kind.DOOMED),)


def test_what_another_heard_or_what_was_heard_before_tells_of_no_failure(inbox: Script) -> None:
    """The user of the task is to be told, on each connection, and of this failure."""
    inbox.hear("alice", "failed")
    fail(inbox)
    inbox.hear("bob", "failed")

    (finding,) = failures_told(inbox.history, failed="failed")

    assert finding.connection == "alice#1"


def test_what_a_client_says_in_vain_is_no_task(inbox: Script) -> None:
    """Of what a client says that must not be stored, nothing is to end, and nobody is to be told."""
    inbox.add(Kind.DOOMED, "bob", marker="~v~", text="~v~", detail="alice")

    assert failures_told(inbox.history) == []


def test_a_failing_task_that_never_ends_is_lost(inbox: Script) -> None:
    """A failure ends its task."""
    fail(inbox, told="failed ~t~", ended=False)

    (finding,) = failures_told(inbox.history, failed="failed")

    assert finding.sentence == "the failing task ~t~ of alice never ended"


def test_work_that_was_rolled_back_is_not_done(inbox: Script) -> None:
    """A frame with the word for success must not tell of it; where the profile has no such word, none is judged."""
    fail(inbox, told='{"state": "done", "text": "~t~"}')

    (finding,) = done_in_vain(inbox.history, done="done")

    assert finding.line() == "unexpected: alice (daphne-1) was told that ~t~ is done, which was rolled back [app]"
    assert done_in_vain(inbox.history, done="") == []


def test_a_mark_that_is_no_task_hides_nothing(inbox: Script) -> None:
    """The text of a task whose commit fails is marked for the database too."""
    fail(inbox, told='{"state": "done", "text": "~t~ ~doomed~"}')

    assert len(done_in_vain(inbox.history, done="done")) == 1


@pytest.mark.parametrize("kind", [Kind.QUEUED, Kind.FENCE])
def test_a_frame_that_tells_of_several_tasks_proves_nothing(inbox: Script, kind: Kind) -> None:
    """An app may tell in one frame that one has failed, and that the next is done."""
    inbox.add(kind, marker="~n~", text="~n~", detail="alice")
    fail(inbox, told='[{"state": "failed", "text": "~t~"}, {"state": "done", "text": "~n~"}]')

    assert done_in_vain(inbox.history, done="done") == []
