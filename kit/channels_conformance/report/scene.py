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

from channels_conformance.history import markers_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

Look = Literal["plain", "fence", "quiet", "gap", "cause", "wrong", "lost"]

MOST = 60  # lines of a picture; a taller one is not looked at
MOST_LOST = 8  # arrows that end in a cross; of fifty messages that were lost, the fiftieth tells nothing new
_HEAD, _TAIL, _BEFORE, _AFTER = 14, 8, 3, 1  # lines that a long picture keeps: at its ends, and around what went wrong

_WRONG = frozenset({"crashed", "orm on loop", "loop blocked", "unawaited", "not started", "unanswered", "flooded"})
_BEGAN = frozenset({"said", "doomed", "queued", "pushed"})
_TASKS = frozenset({"task started", "task ended"})
_ENDS = frozenset({"leaving", "closed", "disconnect ran"})

_VERB = re.compile(r"^(?:says|receives|sends) (?=['0-9])|^application raises ")
_HEARD = re.compile(r"(~[a-z0-9-]+~[^\"'\\]*)(\\?)")
_QUEUED = re.compile(r"^(?:a task is queued|says in vain) '(.*)' (\S+)$")
_ENDED = re.compile(r"^a task ends \[(\S+)\] (?:\w+\.)*(.+)$")


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
    """Return the lines of a picture of these rows, with what was found marked among them."""
    fences = {marker for row in rows if row.get("fence") for marker in markers_in(row["what"])}
    told = _quietened([_line(row, _shown(row, findings), fences) for row in rows])
    told = _with_lost(told, [one for one in findings if one.get("anomaly") == "lost"], fences)
    if findings and not any(line.wrong for line in told):
        told = _with_verdict(told, findings[0])
    return _folded(told, limit)


def _line(row: Mapping[str, Any], finding: Mapping[str, Any], fences: Collection[str]) -> Line:
    if "gap" in row:
        return Line(look="gap", count=row["gap"])
    name = str(finding.get("anomaly", ""))
    if finding and row["kind"] in _BEGAN:
        return Line(look="cause", row=row, label=_label(row), whole=row["what"])
    if name not in ("", "lost") or row["kind"] in _WRONG:
        marker = next((one for one in markers_in(row["what"]) if one in finding.get("sentence", "")), "")
        label = _from(marker, finding["sentence"]) if marker else _label(row)
        return Line(look="wrong", row=row, name=name, label=label, whole=row["what"])
    # To be ready is to have heard one's own fence; and a task may be one.
    fence = row["fence"] or row["kind"] == "ready" or (row["kind"] in _TASKS and _only(row["what"], fences))
    return Line(look="fence" if fence else "plain", row=row, label=_label(row), whole=row["what"])


def _only(what: str, fences: Collection[str]) -> bool:
    markers = markers_in(what)
    return bool(markers) and all(marker in fences for marker in markers)


def _label(row: Mapping[str, Any]) -> str:
    """Return a row in few words: an arrow's direction is its verb, and of an envelope the message counts."""
    what: str = row["what"]
    if row["kind"] == "received" and not row["fence"] and (heard := _HEARD.findall(what)):
        return " ".join(one.strip() + ("…" if more else "") for one, more in heard)
    if row["kind"] in ("queued", "doomed") and not row["client"] and (found := _QUEUED.match(what)):
        return f"queued {found[1]} for {found[2]}{', to fail' if row['kind'] == 'doomed' else ''}"
    if row["kind"] == "task ended" and (found := _ENDED.match(what)):
        return f"{found[1]} fails: {found[2]}"
    return _VERB.sub("", what).strip("'")


def _from(marker: str, sentence: str) -> str:
    """Return what a sentence says from a marker on: what it is, and for whom it was or who said it."""
    rest = sentence.partition(marker)[2]
    return marker + rest.removeprefix("'")


def _shown(row: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the finding that a row is evidence of: one about its message, about its connection, or any."""
    if not row.get("evidence"):
        return {}
    own = [one for one in findings if one.get("connection") and one["connection"] == row["connection"]]
    markers = markers_in(row["what"])
    about = [one for one in own or findings if any(marker in str(one["sentence"]) for marker in markers)]
    return next((one for one in (*about, *own, *findings) if one.get("anomaly")), {})


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
    if line.look == "plain" and line.row["kind"] in _ENDS and line.whole.endswith("1000"):
        return "events as clients leave"
    return "fences come and go" if line.look == "fence" else ""


def _with_lost(told: list[Line], lost: Sequence[Mapping[str, Any]], fences: Collection[str]) -> list[Line]:
    """Return the lines with what never came: behind the last one that tells of that message, or at the end."""
    after: dict[int, list[Line]] = {}
    for finding in lost[:MOST_LOST]:
        sentence = str(finding["sentence"])
        marker = next(iter(markers_in(sentence)), "")
        rows = [line.row for line in told if line.row]
        whose = next((row for row in rows if row["connection"] == finding.get("connection") and row["client"]), {})
        row = {"connection": "", "client": "", "worker": "", "fence": False, **whose, "kind": "lost", "at": None}
        told_of = [place for place, line in enumerate(told) if marker and marker in line.whole]
        heard = [place for place in told_of if told[place].row.get("client")]
        places = heard or [place for place in told_of if told[place].row.get("kind") != "stored"] or told_of
        label = f"{'fence ' if marker in fences else ''}{_from(marker, sentence) if marker else sentence}"
        line = Line(look="lost", row=row, name="lost", label=label, whole=sentence, count=0)
        after.setdefault(places[-1] if places else len(told) - 1, []).append(line)
    if (more := len(lost) - MOST_LOST) > 0:
        whole = "\n".join(str(finding["sentence"]) for finding in lost[MOST_LOST:])
        last = Line(look="wrong", name="lost", label=f"{more} more, as these", whole=whole, count=0)
        after.setdefault(max(after), []).append(last)
    return [one for place, line in enumerate(told) for one in (line, *after.get(place, ()))]


def _with_verdict(told: list[Line], finding: Mapping[str, Any]) -> list[Line]:
    """Return the lines with what no single row shows: at what it began with, or at the end."""
    sentence, name = str(finding["sentence"]), str(finding.get("anomaly") or "found")
    for line in told:
        if line.look == "cause":
            line.look, line.name = "wrong", name
    if any(line.wrong for line in told):
        return told
    return [*told, Line(look="wrong", name=name, label=sentence, whole=sentence, count=0)]


def _folded(told: list[Line], limit: int) -> list[Line]:
    """Return at most about ``limit`` lines: both ends and what went wrong, and how many events each gap leaves out."""
    if len(told) <= limit:
        return told
    kept = {*range(_HEAD), *range(len(told) - _TAIL, len(told))}
    for place in (place for place, line in enumerate(told) if line.wrong or line.look == "cause"):
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
