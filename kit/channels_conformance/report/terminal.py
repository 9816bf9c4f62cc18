"""What the terminal is told: a table by chapter, the reasons, one sentence at the end; and each failure in full.

Every verdict has a sign and a word of its own, so that nothing depends on colour.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from channels_conformance.report import card
from channels_conformance.report.transcript import escape, mask, shown
from channels_conformance.report.verdicts import Verdict
from channels_conformance.report.words import word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from channels_conformance.claims import Catalogue
    from channels_conformance.report.verdicts import ChapterResult, ClaimResult, Facts, Outcome, Summary

SIGNS: Mapping[Verdict, str] = {
    Verdict.VIOLATED: "x",
    Verdict.UNPROVEN: "?",
    Verdict.KNOWN: "~",
    Verdict.HOLDS: "+",
    Verdict.NOT_APPLICABLE: "-",
}

_HEAD = ("chapter", "applicable", "holds", "violated", "known", "unproven", "not applicable", "seconds")
_LONGEST_TRACEBACK = 30
_MOST_NAMED = 15

_VARIES = re.compile(r"~\w\d+~| \(\w+-(?:extra)?\d+\)")
"""What differs between two findings of one kind: the marker that was said, the worker on which it was."""


def lines(summary: Summary, language: str = "en") -> list[str]:
    """Return the summary as lines of plain text, statements in ``language``; the last line is the verdict."""
    told = [*_table(summary), "", *_facts(summary.facts), ""]
    for result in summary.results:
        if result.verdict is Verdict.VIOLATED:
            told.extend(_violated(result, language))
    for verdict in (Verdict.KNOWN, Verdict.NOT_APPLICABLE, Verdict.UNPROVEN):
        told.extend(_grouped(summary.results, verdict))
    told.extend(f"! {shown(reason)}" for reason in summary.vacuous)
    return [*told, verdict_line(summary)]


def verdict_line(summary: Summary) -> str:
    """Return the whole run in one sentence, and a second one where the run is vacuous."""
    applicable = summary.applicable
    judged = summary.count(*(verdict for verdict in Verdict if verdict.judged))
    sentence = (
        f"{_word(summary)}: {applicable} claim{'' if applicable == 1 else 's'} applicable, {judged} judged: "
        f"{summary.count(Verdict.HOLDS)} hold, {summary.count(Verdict.VIOLATED)} violated, "
        f"{summary.count(Verdict.KNOWN)} known; {summary.count(Verdict.UNPROVEN)} unproven, "
        f"{summary.count(Verdict.NOT_APPLICABLE)} not applicable."
    )
    if summary.vacuous:
        return f"{sentence} The run counts as failed, because it judged less than it claims."
    if summary.forgiven:
        return f"{sentence} None of those violated is of a level that fails the run (--fail-on {summary.fail_on})."
    return sentence


def failure(
    outcome: Outcome,
    catalogue: Catalogue,
    language: str = "en",
    *,
    traceback: str = "",
    without: Collection[str] = (),
) -> str:
    """Return what a failing spec prints: what was found, the evidence, the command that repeats it, and its card.

    A spec of several claims ends with the card of each. ``traceback`` is the spec's own, where that is asked for;
    ``without`` are the sections of a card that are kept back.
    """
    claims = [catalogue.claim(claim_id) for claim_id in outcome.claims]
    first, *rest = card.head(claims[0], language)
    told = [f"{SIGNS[outcome.verdict]} {first}", *rest]
    server = [escape(one) for one in mask(outcome.server_traceback).splitlines()]
    evidence = {
        "found": [_finding(finding) for finding in outcome.findings],
        "reason": [shown(outcome.reason)] if outcome.reason else [],
        "traceback": [escape(one) for one in mask(traceback).splitlines()],
        "happened": [shown(one) for one in outcome.transcript],
        "script": [shown(one) for one in outcome.script],
        "server_traceback": _folded(server, _LONGEST_TRACEBACK),
        "repeat": [shown(outcome.repeat)] if outcome.repeat else [],
    }
    for key, body in evidence.items():
        told += card.section(word(key, language), body)
    told += card.body(claims[0], catalogue, language, without=without)
    for claim in claims[1:]:
        told += ["", *card.lines(claim, catalogue, language, without=without)]
    return "\n".join(told)


def _word(summary: Summary) -> str:
    for verdict in (Verdict.VIOLATED, Verdict.UNPROVEN):
        if summary.count(verdict):
            return verdict.value.capitalize()
    return "Holds" if summary.count(Verdict.HOLDS, Verdict.KNOWN) else "Nothing judged"


def _facts(facts: Facts) -> list[str]:
    rows = {
        "subject": f"{facts.subject} ({facts.root})",
        "servers": ", ".join(facts.servers) or "none",
        "redis": facts.redis or "none",
        "layer": facts.layer or "none",
        "database": facts.database or "none",
        "versions": ", ".join(f"{name} {version}" for name, version in facts.versions.items()),
    }
    return [f"{name:<8}  {shown(value)}" for name, value in rows.items() if value]


def _table(summary: Summary) -> list[str]:
    rows = [_HEAD, *(_row(chapter) for chapter in summary.chapters)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    signs = [" ", *(SIGNS[_heaviest(chapter)] for chapter in summary.chapters)]
    return [
        f"{sign} {row[0]:<{widths[0]}}  "
        + "  ".join(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        for sign, row in zip(signs, rows, strict=True)
    ]


def _row(chapter: ChapterResult) -> tuple[str, ...]:
    columns = (Verdict.HOLDS, Verdict.VIOLATED, Verdict.KNOWN, Verdict.UNPROVEN, Verdict.NOT_APPLICABLE)
    counts = (str(chapter.count(verdict)) for verdict in columns)
    return (chapter.chapter.id, str(chapter.applicable), *counts, f"{chapter.seconds:.1f}")


def _heaviest(chapter: ChapterResult) -> Verdict:
    return next(verdict for verdict in Verdict if chapter.count(verdict))


def _violated(result: ClaimResult, language: str) -> list[str]:
    told = [
        f"{SIGNS[Verdict.VIOLATED]} violated: {result.claim.id} ({result.claim.level})",
        f"    {result.claim.statement.in_(language)}",
    ]
    broken = [outcome for outcome in result.outcomes if outcome.verdict is Verdict.VIOLATED]
    alike: dict[tuple[str, ...], list[Outcome]] = {}
    for outcome in broken:
        alike.setdefault(tuple(_VARIES.sub("", _finding(finding)) for finding in outcome.findings[:3]), []).append(
            outcome
        )
    for outcomes in alike.values():
        told.extend(f"    {_finding(finding)}" for finding in outcomes[0].findings[:3])
        if len(broken) > 1:
            told.append(f"        on {', '.join(dict.fromkeys(_about(outcome.spec) for outcome in outcomes))}")
    commands = dict.fromkeys(shown(outcome.repeat or outcome.spec) for outcome in broken)
    return [*told, *(f"    {command}" for command in commands), ""]


def _about(spec: str) -> str:
    """Return what a spec was run for, the endpoint or the server in its brackets; or else its own name."""
    name, _, parameters = spec.rpartition("::")[2].partition("[")
    return shown(parameters.removesuffix("]") or name)


def _grouped(results: Iterable[ClaimResult], verdict: Verdict) -> list[str]:
    groups: dict[str, list[str]] = {}
    for result in results:
        if result.verdict is verdict:
            groups.setdefault(_joined(result.reasons), []).append(result.claim.id)
    told = []
    for reason, ids in groups.items():
        told.extend([f"{SIGNS[verdict]} {verdict}: {shown(reason)}", *_named(ids), ""])
    return told


def _joined(reasons: Iterable[str]) -> str:
    """Return several reasons as one text: sentences follow each other, and clauses a semicolon."""
    text = ""
    for reason in reasons:
        text += (" " if text.endswith(".") else "; " if text else "") + reason
    return text


def _named(ids: list[str]) -> list[str]:
    """Return the lines that name some claims: one by one, or counted by chapter where they would fill a screen."""
    if len(ids) <= _MOST_NAMED:
        return [f"    {claim_id}" for claim_id in ids]
    chapters = Counter(claim_id.partition("/")[0] for claim_id in ids)
    return [f"    {len(ids)} claims: {', '.join(f'{count} of {chapter}' for chapter, count in chapters.items())}"]


def _finding(finding: Mapping[str, object]) -> str:
    blame = f" [{finding['blame']}]" if finding.get("blame") else ""
    anomaly = f"{finding['anomaly']}: " if finding.get("anomaly") else ""
    return shown(f"{anomaly}{finding.get('sentence', '')}{blame}")


def _folded(told: list[str], limit: int) -> list[str]:
    if len(told) <= limit:
        return told
    head = limit // 2
    return [*told[:head], f"… {len(told) - limit} more lines", *told[head - limit :]]
