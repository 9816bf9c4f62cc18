"""Who ran where and who waited for whom, found in histories written by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from channels_conformance.checks import (
    Finding,
    a_thread_for_each_connection,
    calls_beside,
    handlers_share_the_loop,
    held_together,
    nobody_handled_meanwhile,
    queries_share_the_sync_thread,
    sync_handlers_share_a_thread,
    threads_bounded,
    visits_answered,
)
from channels_conformance.history import Connection, Event, History, Kind


def history(*events: Event) -> History:
    """Return a history of these events, one a second, of connections as they name them."""
    names = dict.fromkeys(event.connection for event in events if event.connection)
    return History(
        connections={name: Connection(id=name, client=name.partition("#")[0], worker="w1") for name in names},
        events=[
            Event(
                at=float(second),
                kind=event.kind,
                connection=event.connection,
                text=event.text,
                marker=event.marker,
                code=event.code,
                worker=event.worker,
                detail=event.detail,
            )
            for second, event in enumerate(events)
        ],
    )


def handling(who: str, thread: str = "1", text: str = "thread", loop: str = "") -> Event:
    """Return the entry of a handler."""
    return Event(at=0, kind=Kind.HANDLING, connection=who, marker=thread, text=text, detail=loop, worker="w1")


def of(kind: Kind, who: str = "", **fields: object) -> Event:
    """Return an event of worker w1."""
    return Event(at=0, kind=kind, connection=who, worker="w1", **fields)  # type: ignore[arg-type]


def told(findings: list[Finding]) -> list[str]:
    """Return the findings as lines."""
    return [finding.line() for finding in findings]


HELD, LET_GO = of(Kind.HELD, "alice#1"), of(Kind.LET_GO, "alice#1")
BOB_SAYS, ALICE_SAYS = of(Kind.SAID, "bob#1"), of(Kind.SAID, "alice#1")
VISIT = of(Kind.RESPONDED, code=200)


def test_what_keeps_a_rule_is_no_finding() -> None:
    """Histories of Channels as it is hold what is claimed of it."""
    one_thread = history(handling("alice#1"), handling("bob#1"))
    one_loop = history(*(handling(who, text="loop", loop="7") for who in ("alice#1", "bob#1")))
    own_threads = history(handling("alice#1"), handling("bob#1", "2"), handling("alice#1"))
    waits = history(handling("alice#1"), HELD, BOB_SAYS, ALICE_SAYS, VISIT, LET_GO, handling("bob#1"))
    both = history(HELD, of(Kind.HELD, "bob#1"), LET_GO, of(Kind.LET_GO, "bob#1"))
    query = history(handling("alice#1"), of(Kind.QUERY, "carol#1", marker="1"), of(Kind.QUERY, marker="9"))
    beside = history(handling("alice#1"), HELD, of(Kind.CALLED, marker="2", text="so"), LET_GO)
    few = history(of(Kind.THREADS, code=9, text="0"), of(Kind.THREADS, code=15, text="14"))

    assert told(sync_handlers_share_a_thread(one_thread)) == []
    assert told(handlers_share_the_loop(one_loop)) == []
    assert told(a_thread_for_each_connection(own_threads)) == []
    assert told(nobody_handled_meanwhile(waits) + visits_answered(waits)) == []
    assert told(held_together(both)) == []
    assert told(queries_share_the_sync_thread(query)) == []
    assert told(calls_beside(beside)) == []
    assert told(threads_bounded(few)) == []


@pytest.mark.parametrize(
    ("check", "broken", "line"),
    [
        (
            sync_handlers_share_a_thread,
            history(handling("alice#1"), handling("bob#1", "2")),
            "unexpected: the handlers of w1 ran in 2 threads [app]",
        ),
        (
            sync_handlers_share_a_thread,
            history(handling("alice#1", text="loop")),
            "unexpected: a handler ran on the event loop of w1 [app]",
        ),
        (
            handlers_share_the_loop,
            history(handling("alice#1", text="loop", loop="7"), handling("bob#1", text="loop", loop="8")),
            "unexpected: the handlers of w1 ran on 2 event loops [app]",
        ),
        (
            handlers_share_the_loop,
            history(handling("alice#1")),
            "unexpected: a handler of w1 ran in a thread [app]",
        ),
        (
            a_thread_for_each_connection,
            history(handling("alice#1"), handling("bob#1")),
            "unexpected: bob (w1) was handled in the thread of alice (w1) [app]",
        ),
        (
            a_thread_for_each_connection,
            history(handling("alice#1"), handling("alice#1", "2")),
            "unexpected: the handlers of alice (w1) ran in several threads [app]",
        ),
        (
            nobody_handled_meanwhile,
            history(HELD, BOB_SAYS, handling("bob#1"), LET_GO),
            "unexpected: bob (w1) was handled while alice (w1) waited [app]",
        ),
        (
            visits_answered,
            history(HELD, LET_GO, VISIT),
            "unexpected: w1 answered a page only afterwards [app]",
        ),
        (visits_answered, history(HELD, of(Kind.NO_RESPONSE)), "unexpected: w1 answered no page [app]"),
        (
            held_together,
            history(HELD, LET_GO, of(Kind.HELD, "bob#1"), of(Kind.LET_GO, "bob#1")),
            "blocked: 1 of 2 handlers waited together [app]",
        ),
        (
            queries_share_the_sync_thread,
            history(handling("alice#1"), of(Kind.QUERY, "carol#1", marker="2")),
            "unexpected: a query of carol (w1) ran beside the thread of the sync handlers [app]",
        ),
        (
            calls_beside,
            history(HELD, of(Kind.CALLED, text="thread_sensitive=False", detail="no thread within 5 s"), LET_GO),
            "unexpected: a call with thread_sensitive=False got no thread within 5 s [app]",
        ),
        (
            calls_beside,
            history(handling("alice#1"), HELD, of(Kind.CALLED, text="it", marker="1"), LET_GO),
            "unexpected: a call with it ran in the thread of the handlers [app]",
        ),
        (
            threads_bounded,
            history(of(Kind.THREADS, code=9, text="0"), of(Kind.THREADS, code=23, text="14")),
            "leaked: 14 more connections took 14 more threads [app]",
        ),
    ],
)
def test_what_breaks_a_rule_is_one_finding(
    check: Callable[[History], list[Finding]], broken: History, line: str
) -> None:
    """Each anomaly is told in a sentence that names who and where, with its evidence."""
    (finding,) = check(broken)

    assert finding.line() == line
    assert finding.evidence


@pytest.mark.parametrize(
    ("check", "line"),
    [
        (sync_handlers_share_a_thread, "no handler was seen at work"),
        (handlers_share_the_loop, "no handler was seen at work"),
        (a_thread_for_each_connection, "no handler was seen at work"),
        (nobody_handled_meanwhile, "no handler was held"),
        (visits_answered, "no page was asked for"),
        (held_together, "0 of 2 handlers waited together"),
        (queries_share_the_sync_thread, "no query was seen"),
        (calls_beside, "nothing was called"),
    ],
)
def test_a_history_that_proves_nothing_is_a_finding(check: Callable[[History], list[Finding]], line: str) -> None:
    """Nobody is said to have waited where nobody was seen."""
    (finding,) = check(History())

    assert finding.sentence == line


def test_a_hold_during_which_nobody_spoke_proves_nothing() -> None:
    """That nobody was handled means something only where somebody wanted to be."""
    silent = history(HELD, VISIT, LET_GO)

    assert [one.sentence for one in nobody_handled_meanwhile(silent)] == [
        "nobody said anything while alice (w1) was held"
    ]


def test_plays_that_went_on_together_are_one_history() -> None:
    """Connections and events of both are there, in the order of time."""
    first, second = history(HELD, LET_GO), history(BOB_SAYS)

    both = first.with_(second)

    assert [event.kind for event in both] == [Kind.HELD, Kind.SAID, Kind.LET_GO]
    assert list(both.connections) == ["alice#1", "bob#1"]
