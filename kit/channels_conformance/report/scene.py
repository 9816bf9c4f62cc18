"""What a picture shows of a history's rows: which of them, in which order, and under which names.

A picture that shows everything shows nothing. Fences say nothing and are put together; a message that never came gets a
line of its own, where the others heard it; and a long history is folded around what went wrong. Whatever is left out
is counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

from channels_conformance.history import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Look = Literal["plain", "fence", "quiet", "gap", "wrong", "lost"]

MOST = 60  # lines of a picture; a taller one is not looked at
MOST_LOST = 8  # arrows that end in a cross; of fifty messages that were lost, the fiftieth tells nothing new
_HEAD, _TAIL, _BEFORE, _AFTER = 14, 8, 3, 1  # lines that a long picture keeps: at its ends, and around what went wrong

_WRONG = frozenset({"crashed", "orm on loop", "loop blocked", "unawaited", "not started", "unanswered", "flooded"})
_VERB = re.compile(r"^(?:says|receives|sends) (?=['0-9])")
_HEARD = re.compile(r"(~[a-z0-9-]+~[^\"'\\]*)(\\?)")


@dataclass(slots=True, kw_only=True)
class Line:
    """One line of a picture: a row of the history, a message that never came, or a number of rows put together."""

    look: Look
    row: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""  # of the anomaly that it shows
    label: str = ""
    whole: str = ""  # all that there is to say, for whoever points at it
    count: int = 1  # of the events that it stands for

    @property
    def wrong(self) -> bool:
        """Whether it shows what went wrong."""
        return self.look in ("wrong", "lost")


def lines(
    rows: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]] = (), *, limit: int = MOST
) -> list[Line]:
    """Return the lines of a picture of these rows, each finding among them once at least."""
    names = _named(rows, findings)
    told = _quietened([_line(row, names.get(place, "")) for place, row in enumerate(rows)])
    told = _with_lost(told, [one for one in findings if one.get("anomaly") == "lost"])
    if findings and not any(line.wrong for line in told):
        told.append(_verdict(findings[0]))
    return _folded(told, limit)


def _line(row: Mapping[str, Any], name: str) -> Line:
    if "gap" in row:
        return Line(look="gap", count=row["gap"])
    wrong = bool(name) or row["kind"] in _WRONG
    fence = row["fence"] or row["kind"] == "ready"  # to be ready is to have heard one's own fence
    look: Look = "wrong" if wrong else "fence" if fence else "plain"
    return Line(look=look, row=row, name=name, label=_label(row), whole=row["what"])


def _label(row: Mapping[str, Any]) -> str:
    """Return a row in few words: an arrow's direction is its verb, and of an envelope the message counts."""
    what: str = row["what"]
    if row["kind"] == "received" and not row["fence"] and (heard := _HEARD.findall(what)):
        return " ".join(one.strip() + ("…" if more else "") for one, more in heard)
    return _VERB.sub("", what).strip("'")


def _named(rows: Sequence[Mapping[str, Any]], findings: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Return which rows show an anomaly, and its name: the evidence of a finding about that connection, or of any."""
    found = list(findings)
    names = {}
    for number, row in enumerate(rows):
        if row.get("evidence"):
            own = [one for one in found if one.get("connection") and one["connection"] == row["connection"]]
            if name := next((str(one["anomaly"]) for one in own or found if one.get("anomaly")), ""):
                names[number] = "" if name == "lost" else name  # what was said is no wrong; that it never came is
    return names


def _quietened(told: Iterable[Line]) -> list[Line]:
    """Return the lines with fences, or rows of a table, that follow each other put together."""
    kept: list[Line] = []
    for kind, run in groupby(told, key=_quiet):
        group = list(run)
        if not kind or len(group) == 1:
            kept += group
            continue
        whole = "\n".join(f"{one.row['connection']} {one.whole}".strip() for one in group)
        kept.append(Line(look="quiet", row=group[0].row, label=f"{len(group)} {kind}", whole=whole, count=len(group)))
    return kept


def _quiet(line: Line) -> str:
    """Return what lines of this kind are together, nothing where each stands for itself."""
    if line.look == "plain" and line.row["kind"] == "stored":
        return "rows are found"
    return "fences come and go" if line.look == "fence" else ""


def _with_lost(told: list[Line], lost: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Return the lines with what never came: behind the last one that tells of that message, or at the end."""
    after: dict[int, list[Line]] = {}
    for finding in lost[:MOST_LOST]:
        sentence = str(finding["sentence"])
        marker = next(iter(MARKER.findall(sentence)), "")
        rows = [line.row for line in told if line.row]
        whose = next((row for row in rows if row["connection"] == finding.get("connection") and row["client"]), {})
        row = {"connection": "", "client": "", "worker": "", "fence": False, **whose, "kind": "lost", "at": None}
        told_of = [place for place, line in enumerate(told) if marker and marker in line.whole]
        places = [place for place in told_of if told[place].row.get("client")] or told_of
        fence = any(told[place].row.get("fence") for place in places)
        label = f"fence {marker}" if fence else marker or sentence
        line = Line(look="lost", row=row, name="lost", label=label, whole=sentence, count=0)
        after.setdefault(places[-1] if places else len(told) - 1, []).append(line)
    if (more := len(lost) - MOST_LOST) > 0:
        whole = "\n".join(str(finding["sentence"]) for finding in lost[MOST_LOST:])
        last = Line(look="wrong", name="lost", label=f"{more} more, as these", whole=whole, count=0)
        after.setdefault(max(after), []).append(last)
    return [one for place, line in enumerate(told) for one in (line, *after.get(place, ()))]


def _verdict(finding: Mapping[str, Any]) -> Line:
    """Return a line for what no single row shows."""
    sentence = str(finding["sentence"])
    name = str(finding.get("anomaly") or "violated")
    return Line(look="wrong", name=name, label=sentence, whole=sentence, count=0)


def _folded(told: list[Line], limit: int) -> list[Line]:
    """Return at most about ``limit`` lines: both ends and what went wrong, and how many events each gap leaves out."""
    if len(told) <= limit:
        return told
    kept = {*range(_HEAD), *range(len(told) - _TAIL, len(told))}
    for place in (place for place, line in enumerate(told) if line.wrong):
        if len(kept) >= limit:
            break
        kept |= set(range(max(0, place - _BEFORE), min(len(told), place + _AFTER + 1)))
    shown: list[Line] = []
    for place, line in enumerate(told):
        if place in kept and line.look != "gap":
            shown.append(line)
            continue
        gap = shown[-1] if shown and shown[-1].look == "gap" else None
        if gap is None:
            gap = Line(look="gap", count=0)
            shown.append(gap)
        gap.count += line.count
        if line.wrong:
            gap.name = "wrong"
    return shown
