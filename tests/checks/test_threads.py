"""Who ran where and who waited for whom, found in histories written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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
        events=[replace(event, at=float(second)) for second, event in enumerate(events)],
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
BOB_HELD, BOB_LET_GO = of(Kind.HELD, "bob#1"), of(Kind.LET_GO, "bob#1")
CALL = of(Kind.CALLED, marker="2", text="it")
VISIT = of(Kind.RESPONDED, code=200)


def test_what_keeps_a_rule_is_no_finding() -> None:
    """Histories of Channels as it is hold what is claimed of it."""
    one_thread = history(handling("alice#1"), handling("bob#1"))
    one_loop = history(*(handling(who, text="loop", loop="7") for who in ("alice#1", "bob#1")))
    own_threads = history(handling("alice#1"), handling("bob#1", "2"), handling("alice#1"))
    waits = history(handling("alice#1"), HELD, BOB_SAYS, ALICE_SAYS, VISIT, LET_GO, handling("bob#1"))
    both = history(HELD, BOB_HELD, LET_GO, BOB_LET_GO)
    query = history(handling("alice#1"), of(Kind.QUERY, "carol#1", marker="1"), of(Kind.QUERY, marker="9"))
    beside = history(handling("alice#1"), HELD, CALL, LET_GO)
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
            history(handling("alice#1", "1", "loop", "7"), handling("bob#1", "2", "loop", "7")),
            "unexpected: the handlers of w1 ran on 2 event loops [app]",
        ),
        (
            handlers_share_the_loop,
            history(handling("alice#1")),
            "unexpected: a handler of w1 ran in a thread [app]",
        ),
        (
            a_thread_for_each_connection,
            history(handling("alice#1"), handling("bob#1"), handling("bob#1")),
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
        (
            visits_answered,
            history(HELD, LET_GO, VISIT, HELD, LET_GO),
            "unexpected: w1 answered a page only afterwards [app]",
        ),
        (visits_answered, history(HELD, of(Kind.NO_RESPONSE)), "unexpected: w1 answered no page [app]"),
        (
            held_together,
            history(HELD, LET_GO, BOB_HELD, BOB_LET_GO),
            "blocked: 1 of 2 handlers waited together [app]",
        ),
        (
            queries_share_the_sync_thread,
            history(handling("alice#1"), of(Kind.QUERY, "carol#1", marker="2")),
            "unexpected: a query of carol (w1) ran beside the thread of the sync handlers [app]",
        ),
        (
            queries_share_the_sync_thread,
            history(handling("alice#1"), handling("bob#1", "2", "loop"), of(Kind.QUERY, "bob#1", marker="2")),
            "unexpected: a query of bob (w1) ran beside the thread of the sync handlers [app]",
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
        (calls_beside, history(HELD, LET_GO, CALL), "lost: nobody was held when a call with it came back [app]"),
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


@pytest.mark.parametrize(
    "silent",
    [history(HELD, VISIT, LET_GO), history(BOB_SAYS, HELD, ALICE_SAYS, LET_GO, BOB_SAYS)],
    ids=["nobody spoke", "only who was held"],
)
def test_a_hold_during_which_nobody_else_spoke_proves_nothing(silent: History) -> None:
    """That nobody was handled means something only where somebody wanted to be."""
    assert [one.sentence for one in nobody_handled_meanwhile(silent)] == [
        "nobody said anything while alice (w1) was held"
    ]


def test_who_is_handled_by_another_worker_need_not_wait() -> None:
    """A handler holds up those of its own process only."""
    elsewhere = replace(handling("bob#1"), worker="w2")

    assert told(nobody_handled_meanwhile(history(HELD, BOB_SAYS, elsewhere, LET_GO))) == []


@pytest.mark.parametrize(
    "held",
    [
        (HELD, BOB_HELD, BOB_LET_GO, VISIT, CALL, LET_GO),
        (HELD, LET_GO, BOB_HELD, VISIT, CALL, BOB_LET_GO),
        (HELD, LET_GO, HELD, VISIT, CALL, LET_GO),
        (HELD, VISIT, CALL),
    ],
    ids=["the first", "the last", "again", "to the end"],
)
def test_it_is_enough_that_somebody_is_held(held: tuple[Event, ...]) -> None:
    """Each hold lasts until who is held is let go, or to the end; what falls into any of them came meanwhile."""
    assert told(visits_answered(history(*held)) + calls_beside(history(*held))) == []


def test_that_too_few_waited_together_is_shown_by_all_who_waited() -> None:
    """Each hold and its end is evidence, in the order of time."""
    apart = history(HELD, LET_GO, BOB_HELD, BOB_LET_GO)

    (finding,) = held_together(apart)

    assert finding.evidence == (*apart,)


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ((9, 3), (14, 8), ["leaked: 5 more connections took 5 more threads [app]"]),
        ((9, 0), (10, 1), ["leaked: 1 more connections took 1 more threads [app]"]),
        ((9, 3), (12, 3), []),
    ],
    ids=["some before", "one more", "no more"],
)
def test_threads_are_held_against_the_connections_that_came_since(
    before: tuple[int, int], after: tuple[int, int], lines: list[str]
) -> None:
    """A thread more for each connection more is a leak, and both counts show it."""
    counted = history(*(of(Kind.THREADS, code=threads, text=str(serving)) for threads, serving in (before, after)))

    findings = threads_bounded(counted)

    assert told(findings) == lines
    assert all(finding.evidence == (*counted,) for finding in findings)


def test_plays_that_went_on_together_are_one_history() -> None:
    """Connections and events of both are there, in the order of time."""
    first, second = history(HELD, LET_GO), history(BOB_SAYS)

    both = first.with_(second)

    assert [event.kind for event in both] == [Kind.HELD, Kind.SAID, Kind.LET_GO]
    assert list(both.connections) == ["alice#1", "bob#1"]
