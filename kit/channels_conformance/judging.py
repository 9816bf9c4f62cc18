"""From what a test left behind to an outcome: the verdict, its findings, and what a reader needs to see them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis.errors import FlakyFailure

from channels_conformance.checks import Finding
from channels_conformance.history import History, Kind, markers_in
from channels_conformance.report.transcript import lines as transcript
from channels_conformance.report.transcript import rows
from channels_conformance.report.verdicts import Outcome, Verdict
from channels_conformance.selection import About
from channels_conformance.spec import AsDrawn, Deviation, NotApplicable, Violation
from channels_conformance.subject.profile import ProfileError
from channels_conformance.traffic.stored import NotStorable, keep

if TYPE_CHECKING:
    from channels_conformance.subject.run import Run

_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)+\S.*$", re.MULTILINE)


def outcome(
    spec: str,
    about: About,
    call: pytest.CallInfo[None],
    report: pytest.TestReport,
    *,
    absent: tuple[Verdict, str] | None,
    run: Run,
    known: Mapping[str, str],
    repeat: str,
    parameters: Mapping[str, str],
) -> Outcome:
    """Return the outcome of one phase of a spec: its call, or the setup or teardown that failed."""
    histories = run.histories
    verdict, reason = _verdict(about, call, report, absent, histories, discovered=run.profile.discovered)
    if run.deaths:
        verdict, reason = Verdict.VIOLATED, ""
    if verdict is Verdict.VIOLATED and all(claim_id in known for claim_id in about.ids):
        verdict, reason = Verdict.KNOWN, "; ".join(known[claim_id] for claim_id in about.ids)
    error = _error(call)
    shown = error.history if isinstance(error, Violation) else (histories[-1] if histories else None)
    told = verdict in (Verdict.VIOLATED, Verdict.KNOWN)
    evidence = [event for one in error.findings for event in one.evidence] if isinstance(error, Violation) else []
    return Outcome(
        spec=spec,
        claims=about.ids,
        verdict=verdict,
        reason=reason,
        findings=_findings(error, run.deaths) if told else (),
        seconds=report.duration,
        transcript=tuple(transcript(shown, evidence=evidence)) if told and shown else (),
        events=tuple(rows(shown, evidence=evidence)) if told and shown else (),
        drawn=_drawn(error) if isinstance(error, Violation) else {},
        script=shown.script if told and shown else (),
        server_traceback=_traceback(shown, run) if told else "",
        repeat=repeat,
        parameters=parameters,
        accepted=sum(len(history.of(Kind.ACCEPTED)) for history in histories),
        delivered=sum(_delivered(history) for history in histories),
        examples=len(histories),
    )


def _verdict(
    about: About,
    call: pytest.CallInfo[None],
    report: pytest.TestReport,
    absent: tuple[Verdict, str] | None,
    histories: Sequence[History],
    *,
    discovered: bool,
) -> tuple[Verdict, str]:
    if absent:
        return absent
    if report.passed:
        lacking = _lacking(about.evidence, histories)
        if lacking and discovered:
            lacking = f"{lacking}. Say in a profile what a client needs: channels-conformance init writes one"
        return (Verdict.UNPROVEN, lacking) if lacking else (Verdict.HOLDS, "")
    error = _error(call)
    if isinstance(error, Deviation):
        return Verdict.KNOWN, str(error)
    if isinstance(error, NotApplicable):
        return Verdict.NOT_APPLICABLE, str(error)
    if isinstance(error, ProfileError):
        return Verdict.UNPROVEN, str(error)
    if report.when == "call" and isinstance(error, AssertionError):
        return Verdict.VIOLATED, ""
    if report.skipped:
        return Verdict.UNPROVEN, str(error) or "the spec was skipped, and gave no reason"
    return Verdict.UNPROVEN, f"the kit failed in {report.when}: {type(error).__name__}: {error}. -v shows where"


def _error(call: pytest.CallInfo[None]) -> BaseException | None:
    """Return what ended a phase of a spec.

    A violation that depends on the moment may not come again when the same stream is played again, and Hypothesis then
    calls the spec flaky. The history that broke the claim is no less true for that.
    """
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, AsDrawn):
        return error.violation
    if isinstance(error, FlakyFailure):
        return next((found for found in error.exceptions if isinstance(found, Violation)), error)
    return error


def _lacking(evidence: str, histories: Sequence[History]) -> str:
    """Return what the histories of a spec lack to prove anything, or nothing."""
    if evidence == "accepted" and not any(history.of(Kind.ACCEPTED) for history in histories):
        return "the spec passed without a single connection accepted"
    if evidence == "delivered" and not any(_delivered(history) for history in histories):
        return "the spec passed without a single message delivered"
    if evidence == "stored" and not any(history.of(Kind.STORED) for history in histories):
        return "the spec passed without a single message stored"
    if evidence == "refused" and not any(history.of(Kind.REFUSED, Kind.CLOSED) for history in histories):
        return "the spec passed without a single handshake refused"
    return ""


def _delivered(history: History) -> int:
    said = {event.marker for event in history.of(Kind.SAID, Kind.QUEUED, Kind.PUSHED)}
    frames = history.of(Kind.RECEIVED)
    return sum(marker in said for frame in frames for marker in markers_in(frame.text or frame.data or ""))


def _drawn(violation: Violation) -> Mapping[str, Any]:
    try:
        return {name: keep(value) for name, value in violation.drawn.items()}
    except NotStorable as reason:
        return {"": str(reason)}


def _findings(error: BaseException | None, deaths: Sequence[Finding]) -> tuple[Mapping[str, Any], ...]:
    found = error.findings if isinstance(error, Violation) else ()
    if found or deaths:
        return tuple(
            {
                "anomaly": str(finding.anomaly),
                "sentence": finding.sentence,
                "connection": finding.connection,
                "blame": finding.blame,
            }
            for finding in dict.fromkeys((*deaths, *found))
        )
    return ({"anomaly": "", "sentence": str(error).partition("\n")[0], "connection": "", "blame": "app"},)


def _traceback(history: History | None, run: Run) -> str:
    """Return the traceback that a worker reported, or else the last one in its log."""
    if history and (crashed := history.first(Kind.CRASHED)):
        return crashed.detail
    for process in run.processes:
        found = _TRACEBACK.findall(process.log_text(run.log_offsets.get(process.name, 0)))
        if found:
            return f"{process.name}:\n{found[-1]}"
    return ""
