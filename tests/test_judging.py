"""What a test left behind becomes a verdict, and only a judged history makes a green one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, Literal, cast

import pytest

from channels_conformance import judging
from channels_conformance.checks import Anomaly, Finding
from channels_conformance.history import Connection, Event, History, Kind
from channels_conformance.report.verdicts import Outcome, Verdict
from channels_conformance.selection import About
from channels_conformance.spec import AsDrawn, Deviation, Violation
from channels_conformance.subject.run import Run

IDS = ("fanout/one", "fanout/two")
LOG = """INFO started
Traceback (most recent call last):
  File "a.py", line 1, in one
    first()
ValueError: the first

Traceback (most recent call last):
  File "b.py", line 2, in two
    second()
KeyError: 'the second'
INFO stopped
"""


def history(*kinds: Kind, script: tuple[str, ...] = ("alice joins",)) -> History:
    """Return a history of one connection, in which these happened."""
    record = History(script=script)
    record.connections["alice#1"] = Connection(id="alice#1", client="alice", endpoint="chat")
    for at, kind in enumerate(kinds):
        text, marker = ("~m1~hi", "~m1~") if kind in (Kind.SAID, Kind.RECEIVED) else (None, "")
        record.events.append(Event(at=float(at), kind=kind, connection="alice#1", text=text, marker=marker))
    return record


class Process:
    """A server process with a log."""

    def __init__(self, name: str, log: str) -> None:
        self.name = name
        self._log = log

    def log_text(self, offset: int = 0) -> str:
        """Return the log from an offset on."""
        return self._log[offset:]


def judged(
    test: Callable[[], object],
    *histories: History,
    evidence: str = "accepted",
    when: Literal["setup", "call", "teardown"] = "call",
    absent: tuple[Verdict, str] | None = None,
    known: dict[str, str] | None = None,
    processes: Sequence[Process] = (),
    offsets: dict[str, int] | None = None,
) -> Outcome:
    """Return the outcome of a spec that did this, and left these histories."""
    call = pytest.CallInfo.from_call(lambda: cast("None", test()), when)
    error = call.excinfo.value if call.excinfo else None
    result: Literal["passed", "failed", "skipped"] = (
        "passed" if error is None else "skipped" if isinstance(error, pytest.skip.Exception) else "failed"
    )
    report = pytest.TestReport("specs/test_x.py::test_x", ("x.py", 1, "x"), {}, result, None, when, duration=1.5)
    run: Any = SimpleNamespace(
        histories=list(histories),
        processes=processes,
        log_offsets=offsets or {},
        profile=SimpleNamespace(discovered=False),
        deaths=[],
    )
    return judging.outcome(
        report.nodeid,
        About(ids=IDS, level="must", source="the docs", evidence=evidence),
        call,
        report,
        absent=absent,
        run=cast("Run", run),
        known=known or {},
        repeat="channels-conformance run",
        parameters={"layer": "default"},
    )


def raises(error: BaseException) -> Callable[[], object]:
    """Return a test that raises this."""

    def test() -> object:
        raise error

    return test


def passes() -> None:
    """Be a test that passes."""


ACCEPTED = history(Kind.CONNECT, Kind.ACCEPTED)
DELIVERED = history(Kind.CONNECT, Kind.ACCEPTED, Kind.SAID, Kind.RECEIVED)
LOST = Finding(anomaly=Anomaly.LOST, sentence="bob never heard it", connection="bob#1", blame="layer")
VIOLATION = Violation([LOST], ACCEPTED)


def test_a_spec_that_passes_on_evidence_holds() -> None:
    """A pass over a history that holds what it should is a claim that holds, with what it was judged on."""
    outcome = judged(passes, ACCEPTED, DELIVERED)

    assert (outcome.verdict, outcome.reason, outcome.findings) == (Verdict.HOLDS, "", ())
    assert (outcome.accepted, outcome.delivered, outcome.examples, outcome.seconds) == (2, 1, 2, 1.5)
    assert (outcome.spec, outcome.claims) == ("specs/test_x.py::test_x", IDS)
    assert (outcome.transcript, outcome.script, outcome.server_traceback) == ((), (), "")


@pytest.mark.parametrize(
    ("evidence", "enough", "lacking"),
    [
        ("accepted", ACCEPTED, "the spec passed without a single connection accepted"),
        ("delivered", DELIVERED, "the spec passed without a single message delivered"),
        ("refused", history(Kind.REFUSED), "the spec passed without a single handshake refused"),
        ("refused", history(Kind.CLOSED), "the spec passed without a single handshake refused"),
        ("stored", history(Kind.STORED), "the spec passed without a single message stored"),
    ],
)
def test_a_spec_that_passes_on_nothing_is_unproven(evidence: str, enough: History, lacking: str) -> None:
    """A pass whose histories hold nothing of what they are about proves nothing; one that does is enough."""
    connecting = history(Kind.CONNECT)

    for histories in ((), (connecting,)):
        outcome = judged(passes, *histories, evidence=evidence)
        assert (outcome.verdict, outcome.reason) == (Verdict.UNPROVEN, lacking)

    assert judged(passes, connecting, enough, evidence=evidence).verdict is Verdict.HOLDS


def test_what_was_never_said_is_no_message_delivered() -> None:
    """A frame that carries a fence, or nothing of ours, does not count as a message."""
    record = history(Kind.ACCEPTED)
    record.events.append(Event(at=1.0, kind=Kind.FENCE, connection="alice#1", marker="~f1~"))
    for text in ("~f1~", "welcome", None):
        record.events.append(Event(at=2.0, kind=Kind.RECEIVED, connection="alice#1", text=text))

    assert judged(passes, record, evidence="delivered").verdict is Verdict.UNPROVEN


def test_a_message_may_be_delivered_in_a_binary_frame() -> None:
    """Markers are found in bytes as well."""
    record = history(Kind.SAID)
    record.events.append(Event(at=2.0, kind=Kind.RECEIVED, connection="alice#1", data=b"\xff~m1~"))

    assert judged(passes, record, evidence="delivered").verdict is Verdict.HOLDS


def test_a_spec_that_needs_no_evidence_holds() -> None:
    """A spec that plays nothing says so, and holds by its own assertions."""
    assert judged(passes, evidence="none").verdict is Verdict.HOLDS


def test_a_violation_is_told_with_all_that_shows_it() -> None:
    """Findings, transcript and script are those of the history that was judged, not of the last one played."""
    other = history(Kind.CONNECT, script=("bob joins",))

    outcome = judged(raises(VIOLATION), ACCEPTED, other)

    assert (outcome.verdict, outcome.reason) == (Verdict.VIOLATED, "")
    assert outcome.findings == (
        {"anomaly": "lost", "sentence": "bob never heard it", "connection": "bob#1", "blame": "layer"},
    )
    assert outcome.script == ("alice joins",)
    assert len(outcome.transcript) > 0
    assert outcome.repeat == "channels-conformance run"


def test_a_violation_that_is_told_as_it_was_drawn_is_one_like_any_other() -> None:
    """Its findings, its history and what had been drawn are those of the violation."""
    violation = Violation([Finding(anomaly=Anomaly.LOST, sentence="bob heard nothing", blame="app")], ACCEPTED)
    violation.drawn = {"number": 3}

    outcome = judged(raises(AsDrawn(violation)), ACCEPTED)

    assert (outcome.verdict, outcome.drawn) == (Verdict.VIOLATED, {"number": 3})
    assert [finding["sentence"] for finding in outcome.findings] == ["bob heard nothing"]


def test_an_assertion_of_the_spec_violates_too() -> None:
    """A bare assertion is a finding of the application; its first line is the sentence."""
    outcome = judged(raises(AssertionError("alice was let in\nassert 1 == 2")), ACCEPTED)

    assert outcome.verdict is Verdict.VIOLATED
    assert outcome.findings == ({"anomaly": "", "sentence": "alice was let in", "connection": "", "blame": "app"},)
    assert outcome.script == ("alice joins",)


def test_what_is_declared_is_known() -> None:
    """A violation of claims that the profile declares, all of them, is known, for the reasons given there."""
    known = {"fanout/one": "at most once", "fanout/two": "no order"}

    outcome = judged(raises(VIOLATION), ACCEPTED, known=known)

    assert (outcome.verdict, outcome.reason) == (Verdict.KNOWN, "at most once; no order")
    assert len(outcome.findings) == 1


def test_what_is_declared_in_part_is_violated() -> None:
    """Where one of the claims is not declared, the violation stands."""
    assert judged(raises(VIOLATION), ACCEPTED, known={"fanout/one": "why"}).verdict is Verdict.VIOLATED


def test_what_is_declared_and_holds_is_not_known() -> None:
    """A declaration alone makes nothing known."""
    assert judged(passes, ACCEPTED, known=dict.fromkeys(IDS, "why")).verdict is Verdict.HOLDS


def test_a_platforms_deviation_is_known() -> None:
    """What a platform is on record for is known, with what the record says."""
    outcome = judged(raises(Deviation("Daphne drops them. django/daphne#1")), ACCEPTED)

    assert (outcome.verdict, outcome.reason) == (Verdict.KNOWN, "Daphne drops them. django/daphne#1")


@pytest.mark.parametrize("verdict", [Verdict.NOT_APPLICABLE, Verdict.UNPROVEN])
def test_what_is_absent_was_decided_before(verdict: Verdict) -> None:
    """Where a spec was skipped because something is missing, the verdict and reason are those of the selection."""
    outcome = judged(raises(pytest.skip.Exception("x")), when="setup", absent=(verdict, "no task"))

    assert (outcome.verdict, outcome.reason) == (verdict, "no task")


@pytest.mark.parametrize(
    ("message", "reason"), [("no such layer", "no such layer"), ("", "the spec was skipped, and gave no reason")]
)
def test_a_spec_that_skips_itself_is_unproven(message: str, reason: str) -> None:
    """A skip proves nothing, whether it says why or not."""
    outcome = judged(raises(pytest.skip.Exception(message)), ACCEPTED)

    assert (outcome.verdict, outcome.reason) == (Verdict.UNPROVEN, reason)


@pytest.mark.parametrize(
    ("error", "when", "reason"),
    [
        (OSError("no port"), "call", "the kit failed in call: OSError: no port. -v shows where"),
        (OSError("no port"), "setup", "the kit failed in setup: OSError: no port. -v shows where"),
        (AssertionError("left over"), "setup", "the kit failed in setup: AssertionError: left over. -v shows where"),
        (
            AssertionError("left over"),
            "teardown",
            "the kit failed in teardown: AssertionError: left over. -v shows where",
        ),
    ],
)
def test_a_failure_of_the_kit_is_unproven(
    error: Exception, when: Literal["setup", "call", "teardown"], reason: str
) -> None:
    """What is no assertion of the spec's own body says nothing of the subject, not even where it is declared."""
    outcome = judged(raises(error), DELIVERED, when=when, known=dict.fromkeys(IDS, "why"))

    assert (outcome.verdict, outcome.reason, outcome.findings) == (Verdict.UNPROVEN, reason, ())


def test_the_traceback_that_a_worker_reported_comes_first() -> None:
    """A crash that is in the history is shown, whatever the logs hold."""
    record = History(events=[Event(at=0.0, kind=Kind.CRASHED, connection="alice#1", detail="Traceback: boom")])

    outcome = judged(raises(Violation([LOST], record)), record, processes=[Process("daphne-1", LOG)])

    assert outcome.server_traceback == "Traceback: boom"


def test_the_last_traceback_of_a_log_is_shown() -> None:
    """Where no crash was reported, the last traceback that a server logged during the spec is shown."""
    processes = [Process("daphne-1", LOG), Process("uvicorn-2", LOG)]

    outcome = judged(raises(VIOLATION), ACCEPTED, processes=processes, offsets={"daphne-1": len(LOG)})

    last = "Traceback (most recent call last):\n  File \"b.py\", line 2, in two\n    second()\nKeyError: 'the second'"
    assert outcome.server_traceback == f"uvicorn-2:\n{last}"


def test_where_nothing_crashed_nothing_is_shown() -> None:
    """Logs without a traceback give none, and a spec that holds is not looked into."""
    quiet = [Process("daphne-1", "INFO started\n")]

    assert judged(raises(VIOLATION), ACCEPTED, processes=quiet).server_traceback == ""
    assert judged(passes, ACCEPTED, processes=[Process("daphne-1", LOG)]).server_traceback == ""
