"""What Celery itself does and does not, found in histories written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from channels_conformance.checks import Finding, gone_with_nobody, links_kept, results_read, waited_for, workers_reply
from channels_conformance.history import Connection, Event, History, Kind


def history(*events: Event) -> History:
    """Return a history of these events, one a second."""
    names = dict.fromkeys(event.connection for event in events if event.connection)
    made = [replace(event, at=float(second)) for second, event in enumerate(events)]
    return History(connections={name: Connection(id=name, client=name) for name in names}, events=made)


def of(kind: Kind, **fields: object) -> Event:
    """Return an event."""
    return Event(at=0, kind=kind, **fields)  # type: ignore[arg-type]


QUEUED, ENDED = of(Kind.QUEUED, marker="~t1~"), of(Kind.TASK_ENDED, marker="~t1~")
RESULT = of(Kind.RESULT, marker="~t1~", text="['~t1~']")
LINKS = [of(Kind.LINKED, worker=worker, marker=worker, code=look) for look in (1, 2) for worker in ("celery", "judge")]
COMES, HEARS = of(Kind.CONNECT, connection="alice#2"), of(Kind.RECEIVED, connection="alice#2", text="~t1~")


def test_what_keeps_a_rule_is_no_finding() -> None:
    """A task that is done, read, and told to who was there, by a worker that answers over connections that stay."""
    done = history(COMES, QUEUED, ENDED, HEARS, RESULT, of(Kind.REPLIED, text="pong"), *LINKS)

    for check in (waited_for, results_read, workers_reply, links_kept, gone_with_nobody):
        assert check(done) == []


@pytest.mark.parametrize(
    ("check", "broken", "line"),
    [
        (waited_for, history(QUEUED), "lost: a task that waited for a worker was never done [app]"),
        (
            waited_for,
            history(QUEUED, of(Kind.TASK_ENDED, marker="~t2~")),
            "lost: a task that waited for a worker was never done [app]",
        ),
        (
            waited_for,
            history(QUEUED, of(Kind.TASK_ENDED, marker="~t1~", detail="KeyError")),
            "crashed: a task that waited for a worker raised: 'KeyError' [app]",
        ),
        (waited_for, History(), "lost: no task was queued [app]"),
        (
            results_read,
            history(of(Kind.RESULT, marker="~t1~", detail="TimeoutError")),
            "lost: a result cannot be read: 'TimeoutError' [app]",
        ),
        (
            results_read,
            history(of(Kind.RESULT, marker="~t1~", text="None")),
            "changed: a result was read as 'None' [app]",
        ),
        (results_read, History(), "lost: no result was asked for [app]"),
        (workers_reply, History(), "lost: no worker answered when asked [app]"),
        (links_kept, history(*LINKS[:3]), "lost: no connection to the broker was kept by who queues [app]"),
        (
            links_kept,
            history(*LINKS[1:], of(Kind.LINKED, worker="celery", marker="another", code=1)),
            "lost: no connection to the broker was kept by the worker [app]",
        ),
        (
            gone_with_nobody,
            history(QUEUED, ENDED, COMES, HEARS),
            "unexpected: alice#2 received ~t1~, told before it had come [app]",
        ),
        (
            gone_with_nobody,
            history(QUEUED, ENDED, COMES, of(Kind.RECEIVED, connection="alice#2", data=b"~t1~")),
            "unexpected: alice#2 received ~t1~, told before it had come [app]",
        ),
    ],
)
def test_what_breaks_a_rule_is_one_finding(
    check: Callable[[History], list[Finding]], broken: History, line: str
) -> None:
    """Each anomaly is told in a sentence."""
    assert [finding.line() for finding in check(broken)] == [line]


def test_a_link_that_was_lost_is_shown_by_what_was_seen_of_its_process() -> None:
    """What the other process held is no evidence."""
    looked = history(*LINKS[:3])

    (finding,) = links_kept(looked)

    assert finding.evidence == (looked.events[1],)
