"""The sequence picture: a lane for each client, each worker, Redis and Celery; time runs downward, frames are arrows.

It is drawn from the rows of a report alone, so that it can be drawn anywhere, and is inline SVG: no script, and colours
by the classes of the page around it. Whatever an application sent becomes text of the picture, never markup.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

REDIS, CELERY = "Redis", "Celery"
LANE, ROW, HEAD, MARGIN = 190, 30, 44, 70
LONGEST = 30  # characters of a label; its title holds the whole

_UP = frozenset({"connect", "introduced", "said", "doomed", "sent", "fence", "leaving", "aborted", "ping"})
_DOWN = frozenset({"accepted", "refused", "received", "noise", "closed", "pong", "flooded"})
_TASKS = frozenset({"queued", "task started", "task ended"})
_LAYER = frozenset({"member", "member left behind", "took", "declined", "handed"})
_WRONG = frozenset({"crashed", "orm on loop", "loop blocked", "unawaited", "not started", "unanswered", "flooded"})


@dataclass(slots=True)
class _Sheet:
    """The picture while it is drawn."""

    lanes: list[str]
    root: ET.Element
    y: int = HEAD + ROW
    places: dict[str, int] = field(default_factory=dict)

    def x(self, lane: str) -> int:
        return MARGIN + LANE // 2 + self.lanes.index(lane) * LANE

    def add(self, tag: str, text: str = "", **attributes: object) -> ET.Element:
        named = {key.rstrip("_").replace("_", "-"): str(value) for key, value in attributes.items()}
        element = ET.SubElement(self.root, tag, named)
        element.text = text or None
        return element


def svg(rows: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]] = (), *, title: str = "") -> str:
    """Return the picture of a history's rows, each finding marked and named; empty where there is nothing to draw."""
    if not rows:
        return ""
    lanes = _lanes(rows)
    missing = [finding for finding in findings if finding.get("anomaly") == "lost"]
    width = MARGIN + LANE * len(lanes) + 20
    height = HEAD + ROW * (len(rows) + len(missing) + 2)
    box = f"0 0 {width} {height}"
    root = ET.Element("svg", {"viewBox": box, "width": str(width), "height": str(height), "role": "img"})
    root.set("class", "sequence")
    ET.SubElement(root, "title").text = title or "What happened, in order"
    sheet = _Sheet(lanes=lanes, root=root)
    for lane in lanes:
        sheet.add("line", x1=sheet.x(lane), x2=sheet.x(lane), y1=HEAD, y2=height - ROW, class_="lane")
        sheet.add("text", _cut(lane), x=sheet.x(lane), y=HEAD - 16, class_="head")
    names = _named(rows, findings)
    spoken: dict[str, str] = {}
    for number, row in enumerate(rows):
        if "gap" in row:
            sheet.add("text", f"… {row['gap']} more …", x=width // 2, y=sheet.y + 4, class_="gap")
        else:
            _draw(sheet, row, names.get(number, ""), spoken)
        sheet.y += ROW
    for finding in missing:
        _lost(sheet, finding, rows)
        sheet.y += ROW
    return ET.tostring(root, encoding="unicode")


def _lanes(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    events = [row for row in rows if "gap" not in row]
    clients = dict.fromkeys(row["client"] for row in events if row["client"])
    workers = dict.fromkeys(row["worker"] for row in events if row["worker"] and row["kind"] not in _TASKS)
    kinds = {row["kind"] for row in events}
    lanes = [*clients, *workers]
    # What one client says and another hears went through the layer.
    if kinds & _LAYER or (len(clients) > 1 and "received" in kinds) or "pushed" in kinds:
        lanes.append(REDIS)
    if kinds & _TASKS:
        lanes.append(CELERY)
    return lanes or ["-"]


def _draw(sheet: _Sheet, row: Mapping[str, Any], name: str, spoken: dict[str, str]) -> None:
    client, worker, kind = row["client"], row["worker"], row["kind"]
    wrong = bool(name) or kind in _WRONG
    look = "wrong" if wrong else "fence" if row["fence"] else "plain"
    sheet.add("text", f"{row['at']:.3f}", x=MARGIN - 12, y=sheet.y + 4, class_="time")
    told = f"{name.upper()}: {row['what']}" if name else row["what"]
    if client and worker and kind in _UP | _DOWN:
        start, end = (client, worker) if kind in _UP else (worker, client)
        _arrow(sheet, start, end, told, look)
        if REDIS in sheet.lanes and kind in ("said", "doomed", "fence"):
            spoken[row["what"].split()[-1]] = client
            _hop(sheet, worker, REDIS)
        elif REDIS in sheet.lanes and kind == "received" and not _own(row, client, spoken):
            _hop(sheet, REDIS, worker)
        return
    lane = CELERY if kind in _TASKS else REDIS if kind in _LAYER else (worker or client or sheet.lanes[0])
    _mark(sheet, lane, told, look)


def _own(row: Mapping[str, Any], client: str, spoken: Mapping[str, str]) -> bool:
    return any(marker in row["what"] and who == client for marker, who in spoken.items())


def _arrow(sheet: _Sheet, start: str, end: str, told: str, look: str) -> None:
    first, last = sheet.x(start), sheet.x(end)
    tip = 7 if last > first else -7
    group = ET.SubElement(sheet.root, "g", {"class": look})
    ET.SubElement(group, "title").text = told
    line = {"x1": str(first), "x2": str(last - tip), "y1": str(sheet.y), "y2": str(sheet.y)}
    ET.SubElement(group, "line", line)
    points = f"{last},{sheet.y} {last - tip},{sheet.y - 4} {last - tip},{sheet.y + 4}"
    ET.SubElement(group, "polygon", {"points": points})
    middle = str(min(first, last) + 8)
    ET.SubElement(group, "text", {"x": middle, "y": str(sheet.y - 5)}).text = _cut(told)


def _hop(sheet: _Sheet, start: str, end: str) -> None:
    sheet.add("line", x1=sheet.x(start), x2=sheet.x(end), y1=sheet.y, y2=sheet.y, class_="hop")


def _mark(sheet: _Sheet, lane: str, told: str, look: str) -> None:
    group = ET.SubElement(sheet.root, "g", {"class": look})
    ET.SubElement(group, "title").text = told
    x = sheet.x(lane)
    if look == "wrong":
        points = f"{x},{sheet.y - 7} {x + 7},{sheet.y} {x},{sheet.y + 7} {x - 7},{sheet.y}"
        ET.SubElement(group, "polygon", {"points": points})
    else:
        ET.SubElement(group, "circle", {"cx": str(x), "cy": str(sheet.y), "r": "4"})
    ET.SubElement(group, "text", {"x": str(x + 12), "y": str(sheet.y + 4)}).text = _cut(told)


def _lost(sheet: _Sheet, finding: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
    """Draw what did not come: an arrow that ends in a cross before it reaches the lane of who should have heard."""
    seen = next((row for row in rows if row.get("connection") == finding.get("connection") and row.get("client")), None)
    told = f"LOST: {finding['sentence']}"
    if seen is None or not seen["worker"]:
        _mark(sheet, sheet.lanes[0], told, "wrong")
        return
    start, end = sheet.x(seen["worker"]), sheet.x(seen["client"])
    middle = (start + end) // 2
    group = ET.SubElement(sheet.root, "g", {"class": "wrong missing"})
    ET.SubElement(group, "title").text = told
    ET.SubElement(group, "line", {"x1": str(start), "x2": str(middle), "y1": str(sheet.y), "y2": str(sheet.y)})
    for slope in (-6, 6):
        ends = {"x1": str(middle - 6), "x2": str(middle + 6), "y1": str(sheet.y - slope), "y2": str(sheet.y + slope)}
        ET.SubElement(group, "line", ends)
    ET.SubElement(group, "text", {"x": str(min(start, end) + 8), "y": str(sheet.y - 8)}).text = _cut(told, 60)


def _named(rows: Sequence[Mapping[str, Any]], findings: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Return which rows show an anomaly, and its name: the evidence of a finding about that connection, or of any."""
    found = list(findings)
    names = {}
    for number, row in enumerate(rows):
        if row.get("evidence"):
            own = [one for one in found if one.get("connection") and one["connection"] == row["connection"]]
            if name := next((str(one["anomaly"]) for one in own or found if one.get("anomaly")), ""):
                names[number] = "" if name == "lost" else name
    return names


def _cut(text: str, limit: int = LONGEST) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
