import pytest

from channels_conformance.checks import (
    Check,
    as_stored,
    attributed,
    heard_in_vain,
    seen_when_heard,
    stored_as_said,
    stored_once,
)
from channels_conformance.history import Event, Kind
from tests.checks.written import STORING, Script, judge, only


def store(play: Script, marker: str, user: str | None = "alice", audience: str | None = "lobby") -> Event:
    """Let a row be found."""
    return play.add(Kind.STORED, marker=f"~{marker}~", detail=as_stored(user, audience))


def said(play: Script) -> None:
    """Let alice say one message where messages are stored."""
    play.join("alice", endpoint=STORING)
    play.say("alice", "one", heard_by="alice")


def test_one_row_for_each_message_is_no_finding(play: Script) -> None:
    """A message stored once with its user and audience is no finding, and a stored fence is none either."""
    said(play)
    store(play, "one")
    store(play, "f2")

    assert judge(play.history) == {}


def test_a_message_without_a_row_is_lost(play: Script) -> None:
    """A message that was heard must be stored."""
    said(play)

    assert only(play.history, "stored_once").line().startswith("lost: 'one ~one~' that alice (daphne-1) said was never")


def test_a_message_with_two_rows_is_duplicated(play: Script) -> None:
    """A message is stored once; the finding shows it with its rows, and is about the connection of its sayer."""
    said(play)
    rows = (store(play, "one"), store(play, "one"))

    finding = only(play.history, "stored_once")

    assert (finding.anomaly, finding.connection) == ("duplicated", "alice#1")
    assert finding.evidence[1:] == rows


def test_a_row_with_another_user_is_misstored(play: Script) -> None:
    """A row has the user and the audience of its message."""
    said(play)
    store(play, "one", user="bob")

    finding = only(play.history, "stored_as_said")

    assert finding.anomaly == "misstored"
    assert "was stored as 'bob' in 'lobby', not as 'alice' in 'lobby'" in finding.sentence


@pytest.mark.parametrize(("user", "audience"), [(None, "lobby"), ("alice", None), (None, None)])
def test_a_row_need_not_tell_its_user_or_audience(play: Script, user: str | None, audience: str | None) -> None:
    """Where a model has no field for one of them, the other alone is compared."""
    said(play)
    store(play, "one", user, audience)

    assert judge(play.history) == {}


@pytest.mark.parametrize("check", [stored_as_said, attributed])
def test_a_row_that_no_client_said_is_of_any_user(play: Script, check: Check) -> None:
    """What a task tells, and what nobody said, has no sayer whose row it would have to be."""
    play.queue("alice", "report")
    store(play, "report", user="bob")
    store(play, "ghost", user="bob")

    assert check(play.history) == []


def test_a_row_nobody_said_is_unexpected(play: Script) -> None:
    """A row holds what somebody said."""
    store(play, "ghost")

    assert only(play.history, "stored_once").sentence == "a row holds '~ghost~', which nobody said"


def test_what_an_aborted_sayer_said_need_not_be_stored(play: Script) -> None:
    """A message that the application may never have got need not have a row, and may have one."""
    play.join("alice", endpoint=STORING)
    play.say("alice", "one")
    play.say("alice", "two")
    play.abort("alice")
    store(play, "two")

    assert judge(play.history) == {}


def test_a_row_that_is_seen_once_heard_is_no_finding(play: Script) -> None:
    """A look finds the row of what was heard."""
    said(play)
    play.add(Kind.LOOKED, marker="~one~", code=1)

    assert seen_when_heard(play.history) == []


def test_a_message_heard_before_its_row_can_be_seen_is_reordered(play: Script) -> None:
    """Whoever hears a message finds it in the database: the first to hear it, before others have."""
    play.join("bob", endpoint=STORING)
    said(play)
    frame = play.history.events[-1]
    look = play.add(Kind.LOOKED, marker="~one~", code=0)
    play.hear("bob", "one ~one~")

    (finding,) = seen_when_heard(play.history)

    assert finding.line().startswith(
        "reordered: alice (daphne-1) received 'one ~one~' that alice (daphne-1) said before"
    )
    assert finding.evidence == (frame, look)


def test_a_look_at_what_nobody_heard_shows_nothing(play: Script) -> None:
    """A message that nobody has heard yet need not be seen."""
    play.join("alice", endpoint=STORING)
    play.say("alice", "one")
    play.add(Kind.LOOKED, marker="~one~", code=0)

    assert seen_when_heard(play.history) == []


def doomed_and_heard(play: Script, listener: str) -> None:
    """Let alice say in vain what a listener hears."""
    play.join("alice", endpoint=STORING)
    play.join("bob", endpoint=STORING)
    play.add(Kind.DOOMED, "alice", marker="~no~", text="~no~")
    play.add(Kind.RECEIVED, listener, text='{"text": "~no~"}')


def test_a_message_rolled_back_and_heard_is_unexpected(play: Script) -> None:
    """What the database refused is heard by nobody else."""
    doomed_and_heard(play, "bob")

    (finding,) = heard_in_vain(play.history)

    assert finding.line().startswith("unexpected: bob (daphne-1) received '~no~' of alice (daphne-1), which was rolled")


def test_the_sayer_may_be_told_what_was_rolled_back(play: Script) -> None:
    """An error that repeats the message reaches its own sayer."""
    doomed_and_heard(play, "alice")

    assert heard_in_vain(play.history) == []


def test_what_a_task_tells_in_vain_is_not_a_message_of_anybody(play: Script) -> None:
    """A task that had to fail and was heard is found where tasks are judged."""
    play.join("bob", endpoint=STORING)
    play.add(Kind.DOOMED, marker="~no~", text="~no~", detail="bob")
    play.hear("bob", "~no~")

    assert heard_in_vain(play.history) == []


def test_what_was_stored_after_all_was_not_in_vain(play: Script) -> None:
    """A row that is found shows that the database did not refuse it; it is no row of what nobody said either."""
    doomed_and_heard(play, "bob")
    store(play, "no")

    assert heard_in_vain(play.history) == []
    assert stored_once(play.history) == []
