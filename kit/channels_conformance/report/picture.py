"""The sequence picture: a lane for each client, each worker, Redis and Celery; time runs downward, frames are arrows.

It is drawn from the rows of a report alone, so that it can be drawn anywhere, and is inline SVG: no script, and colours
by the classes of the page around it. Across, places are shares of the width, so that one picture fills a wide screen
and is read on a telephone, its letters as large as ever. Whatever an application sent becomes text, never markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from channels_conformance.history import markers_in
from channels_conformance.report import scene

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from channels_conformance.report.scene import Line

REDIS, CELERY, DATABASE, OTHER = "Redis", "Celery", "database", "project"
ROW, HEAD, CHARACTER = 34, 46, 6.7  # pixels: of a line, of the heads of the lanes, of a letter
LONGEST = 36  # characters of a label; its title holds the whole

_UP = frozenset({"connect", "introduced", "said", "doomed", "sent", "fence", "leaving", "aborted", "ping"})
_DOWN = frozenset({"accepted", "refused", "received", "noise", "closed", "pong", "flooded"})
_TASKS = frozenset({"queued", "task started", "task ended"})
_LAYER = frozenset({"member", "member left behind", "took", "declined", "handed"})
_STORES = frozenset({"stored", "looked"})


@dataclass(slots=True)
class _Sheet:
    """The picture while it is drawn."""

    lanes: list[str]
    root: ET.Element
    y: int = HEAD + ROW
    shared: bool = False  # whether what one client says is for others too
    tasks: frozenset[str] = frozenset()  # the markers of what Celery did

    def x(self, lane: str) -> float:
        """Return the place of a lane, as a share of the width."""
        return round((self.lanes.index(lane) + 0.5) / len(self.lanes) * 100, 2)

    def at(self, x: float, y: float | None = None) -> ET.Element:
        """Return a place within which one draws in pixels."""
        return _add(self.root, "svg", x=f"{x}%", y=self.y if y is None else y, overflow="visible")

    def line(self, first: float, last: float, look: str) -> None:
        """Draw a level line from one share of the width to another."""
        _add(self.root, "line", x1=f"{first}%", x2=f"{last}%", y1=self.y, y2=self.y, class_=look)


def svg(rows: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]] = (), *, title: str = "") -> str:
    """Return the picture of a history's rows, each finding marked and named; empty where there is nothing to draw."""
    if not rows:
        return ""
    shown = scene.lines(rows, findings)
    lanes = _lanes(rows)
    height = HEAD + ROW * (len(shown) + 1)
    root = ET.Element("svg", {"class": "sequence", "height": str(height), "role": "img"})
    root.set("style", f"--lanes: {len(lanes)}")
    _add(root, "title", title or "What happened, in order")
    sheet = _Sheet(lanes=lanes, root=root)
    _heads(sheet, rows, height)
    sheet.tasks = frozenset(marker for row in rows if row.get("kind") in _TASKS for marker in markers_in(row["what"]))
    sheet.shared = bool(sheet.tasks) or _shared(rows, shown)
    for line in shown:
        _draw(sheet, line)
        sheet.y += ROW
    return ET.tostring(root, encoding="unicode")


def _lanes(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    events = [row for row in rows if "gap" not in row]
    clients = dict.fromkeys(row["client"] for row in events if row["client"])
    places = dict.fromkeys(_place(row) for row in events)
    behind = (REDIS, CELERY, DATABASE, OTHER)
    lanes = [*clients, *(one for one in places if one not in clients and one not in behind)]
    # A client's worker has a lane also where nothing is told of it but what that client saw.
    lanes += [
        one for one in dict.fromkeys(row["worker"] for row in events if row["client"]) if one and one not in lanes
    ]
    # What one client says and another hears went through the layer.
    kinds = {row["kind"] for row in events}
    shared = (len(clients) > 1 and "received" in kinds) or "pushed" in kinds or (bool(clients) and CELERY in places)
    return [*lanes, *(one for one in behind if one in places or (one == REDIS and shared))] or [OTHER]


def _place(row: Mapping[str, Any]) -> str:
    """Return the lane of what concerns one place alone."""
    kind = row.get("kind", "")
    if kind == "doomed" and not row["client"]:  # nobody's message is a task's
        return CELERY
    lane: str = CELERY if kind in _TASKS else REDIS if kind in _LAYER else DATABASE if kind in _STORES else ""
    return lane or row.get("worker") or row.get("client") or OTHER


def _heads(sheet: _Sheet, rows: Sequence[Mapping[str, Any]], height: int) -> None:
    clients = {row["client"] for row in rows if "gap" not in row}
    for place, lane in enumerate(sheet.lanes):
        x, kind = sheet.x(lane), "client" if lane in clients else "behind"
        _add(sheet.root, "line", x1=f"{x}%", x2=f"{x}%", y1=HEAD, y2=height - ROW // 2, class_=f"lane {kind}")
        told = _cut(lane, 14)
        width = len(told) * CHARACTER + 14
        head = _add(sheet.at(x, HEAD - 22), "g", class_=f"head {kind} {'even' if place % 2 else 'odd'}")
        _add(head, "title", lane)
        _add(head, "rect", x=-width / 2, width=width, height=20, rx=10 if kind == "client" else 3)
        _add(head, "text", told, y=14)


def _draw(sheet: _Sheet, line: Line) -> None:
    row = line.row
    if line.wrong:
        _add(sheet.root, "rect", x=0, width="100%", y=sheet.y - 21, height=ROW - 2, class_="band")
    if row and row.get("at") is not None:
        _add(sheet.root, "text", f"{row['at']:.3f}", x=-8, y=sheet.y + 4, class_="time wrong" if line.wrong else "time")
    if line.look == "gap":
        more = "s" if line.count > 1 else ""
        told = f"… {line.count} more event{more}{', some of them wrong' if line.name else ''} …"
        _add(sheet.root, "text", told, x="50%", y=sheet.y + 2, class_="gap")
    elif line.look == "quiet":
        _add(sheet.root, "line", x1="0%", x2="100%", y1=sheet.y, y2=sheet.y, class_="quiet")
        _write(sheet, line, 50, sheet.y + 4)
    elif line.look == "lost":
        _lost(sheet, line)
    elif row.get("client") and row["worker"] and row["kind"] in _UP | _DOWN:
        _frame(sheet, line)
    else:
        _mark(sheet, line, _place(row))


def _frame(sheet: _Sheet, line: Line) -> None:
    """Draw an arrow between a client and its worker, and what the worker hands on to the others or has from them."""
    client, worker, kind = sheet.x(line.row["client"]), sheet.x(line.row["worker"]), line.row["kind"]
    start, end = (client, worker) if kind in _UP else (worker, client)
    handed_on = sheet.shared and kind in ("said", "doomed", "received") and markers_in(line.row["what"])
    if handed_on:
        _hop(sheet, worker, line)
    sheet.line(start, end, line.look)
    tip = -9 if end > start else 9
    _add(sheet.at(end), "polygon", points=f"0,0 {tip},-5 {tip},5", class_=line.look)
    _write(sheet, line, (start + end) / 2, sheet.y - 7)


def _hop(sheet: _Sheet, worker: float, line: Line) -> None:
    """Draw the way of a message behind its worker: through Redis, and from Celery where a task sent it."""
    if REDIS in sheet.lanes:
        from_task = CELERY in sheet.lanes and not sheet.tasks.isdisjoint(markers_in(line.whole))
        sheet.line(worker, sheet.x(CELERY if from_task else REDIS), "hop")


def _mark(sheet: _Sheet, line: Line, lane: str) -> None:
    x = sheet.x(lane if lane in sheet.lanes else sheet.lanes[0])
    if line.wrong:
        _add(sheet.at(x), "polygon", points="0,-8 8,0 0,8 -8,0", class_=line.look)
    else:
        _add(sheet.at(x), "circle", r=4, class_=line.look)
    _write(sheet, line, x, sheet.y - 10)


def _lost(sheet: _Sheet, line: Line) -> None:
    """Draw what did not come: an arrow that ends in a cross before it reaches the lane of who should have heard."""
    client, worker = line.row["client"], line.row["worker"]
    if not client or not worker:
        _mark(sheet, line, _place(line.row))
        return
    start, end = sheet.x(worker), sheet.x(client)
    middle = (start + end) / 2
    _hop(sheet, start, line)
    sheet.line(start, middle, "lost")
    sheet.line(middle, end, "lost never")
    cross = sheet.at(middle)
    for slope in (-7, 7):
        _add(cross, "line", x1=-7, x2=7, y1=-slope, y2=slope, class_="lost cross")
    _add(sheet.at(end), "circle", r=5, class_="lost never")
    _write(sheet, line, middle, sheet.y - 9)


def _write(sheet: _Sheet, line: Line, x: float, y: float) -> None:
    """Write a line's label about a place, the name of its anomaly in a box before it."""
    name = line.name.upper()
    told = _cut(line.label, LONGEST - len(name))
    box = len(name) * CHARACTER + 10 if name else 0
    width = box + (box and 5) + len(told) * CHARACTER
    left = -width * x / 100  # as much of it to the left as of the picture: so it stays within, however narrow that is
    group = _add(sheet.at(x, y), "g", class_=f"label {line.look}")
    _add(group, "title", f"{name}: {line.whole}" if name else line.whole)
    if name:
        _add(group, "rect", x=round(left, 1), y=-11, width=round(box, 1), height=15, rx=3)
        _add(group, "text", name, x=round(left + 5, 1), class_="name")
    _add(group, "text", told, x=round(left + box + (box and 5), 1))


def _shared(rows: Iterable[Mapping[str, Any]], shown: Iterable[Line]) -> bool:
    """Return whether several clients say, hear or should have heard the same: then it goes through the layer."""
    found: dict[str, set[str]] = {}
    for row in (*rows, *({"what": line.whole, "client": line.row["client"]} for line in shown if line.look == "lost")):
        for marker in markers_in(row["what"]) if row.get("client") else ():
            found.setdefault(marker, set()).add(row["client"])
    return any(len(clients) > 1 for clients in found.values())


def _add(into: ET.Element, tag: str, text: str = "", **attributes: object) -> ET.Element:
    named = {key.rstrip("_").replace("_", "-"): str(value) for key, value in attributes.items()}
    element = ET.SubElement(into, tag, named)
    element.text = text or None
    return element


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
