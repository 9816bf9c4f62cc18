"""A report in the shapes that other programs take: each is made from the JSON of a run, and from nothing else."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from channels_conformance.report.terminal import SIGNS
from channels_conformance.report.verdicts import Verdict

Report = Mapping[str, Any]

HISTORY_ID = "urn:channels-conformance:history:1"
"""What a line of histories says that it is: the ``$id`` of ``history.schema.json``."""

_STATUS = {
    "holds": "passed",
    "violated": "failed",
    "known": "passed",
    "unproven": "pending",
    "not applicable": "skipped",
}
_GOOD, _BAD, _OPEN = "#116329", "#b3181f", "#6639ba"
_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)


def markdown(report: Report) -> str:
    """Return the verdict, a table by chapter and what is violated, as a job summary shows it."""
    totals, facts = report["totals"], report["facts"]
    told = [f"## channels-conformance: {_cell(facts['subject'])}", "", f"**{sentence(report)}**", ""]
    told += [f"- {_cell(reason)}" for reason in report["vacuous"]]
    told += ["| chapter | applicable | holds | violated | known | unproven |", "|---|--:|--:|--:|--:|--:|"]
    for one in (*report["chapters"], {"id": "**all**", **totals}):
        counts = (one[key] for key in ("applicable", "holds", "violated", "known", "unproven"))
        told.append(f"| {one['id']} | {' | '.join(map(str, counts))} |")
    violated = [claim for claim in _claims(report) if claim["verdict"] == "violated"]
    if violated:
        told += ["", "| violated | | what was found |", "|---|---|---|"]
    specs = {spec["spec"]: spec for spec in report["specs"]}
    for claim in violated:
        found = [finding["sentence"] for name in claim["specs"] for finding in specs[name]["findings"]]
        first = _cell(next(iter(found), ""))
        told.append(f"| `{claim['id']}` | {claim['level']} | {_cell(claim['statement']['en'])}<br>{first} |")
    ran = f"{', '.join(facts['servers'])}; Redis {facts['redis'] or 'none'}; {facts['database']}"
    return "\n".join([*told, "", f"<sub>{_cell(ran)}</sub>", ""])


def sentence(report: Report) -> str:
    """Return a run in one sentence."""
    totals = report["totals"]
    if report["vacuous"]:
        return "The run judged too little to mean anything."
    if totals["violated"]:
        return f"{totals['violated']} of {totals['applicable']} claims are violated."
    if totals["unproven"]:
        return f"Nothing is violated; {totals['unproven']} of {totals['applicable']} claims could not be judged."
    return f"All {totals['applicable']} claims that apply were judged: none is violated."


def ctrf(report: Report) -> str:
    """Return the report in the Common Test Report Format (https://ctrf.io), a test for each spec."""
    tests = [
        {
            "name": spec["spec"].rpartition("::")[2],
            "suite": [spec["claims"][0].partition("/")[0]],
            "filePath": spec["spec"].partition("::")[0],
            "status": _STATUS[spec["verdict"]],
            "rawStatus": spec["verdict"],
            "duration": round(spec["seconds"] * 1000),
            "tags": spec["claims"],
            **({"message": "\n".join(one["sentence"] for one in spec["findings"])} if spec["findings"] else {}),
            **({"trace": spec["server_traceback"]} if spec["server_traceback"] else {}),
            **({"extra": {"reason": spec["reason"]}} if spec["reason"] else {}),
        }
        for spec in report["specs"]
    ]
    count = {status: sum(test["status"] == status for test in tests) for status in dict.fromkeys(_STATUS.values())}
    now = round(time.time() * 1000)
    began = now - round(report["totals"]["seconds"] * 1000)
    summary = {"tests": len(tests), **count, "other": 0, "start": began, "stop": now}
    tool = {"name": "channels-conformance", "version": report["facts"]["versions"].get("channels-conformance", "")}
    environment = {"appName": report["facts"]["subject"], "extra": dict(report["facts"]["versions"])}
    results = {"tool": tool, "summary": summary, "tests": tests, "environment": environment}
    return json.dumps({"reportFormat": "CTRF", "specVersion": "0.0.0", "results": results}, indent=2) + "\n"


def badge(report: Report) -> str:
    """Return an SVG badge that says how many claims hold."""
    totals = report["totals"]
    label = "channels conformance"
    held = totals["holds"] + totals["known"]
    told = f"{totals['violated']} violated" if totals["violated"] else f"{held} of {totals['applicable']} hold"
    colour = _BAD if totals["violated"] or report["vacuous"] else _OPEN if totals["unproven"] else _GOOD
    left, right = 7 * len(label) + 10, 7 * len(told) + 10
    size = {"width": str(left + right), "height": "20", "viewBox": f"0 0 {left + right} 20"}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img"})
    ET.SubElement(root, "title").text = f"{label}: {told}"
    font = {"fill": "#fff", "font-family": "Verdana,DejaVu Sans,sans-serif", "font-size": "11", "text-anchor": "middle"}
    for x, width, fill, text in ((0, left, "#3b434b", label), (left, right, colour, told)):
        ET.SubElement(root, "rect", {"x": str(x), "width": str(width), "height": "20", "fill": fill})
        ET.SubElement(root, "text", {"x": str(x + width // 2), "y": "14", **font}).text = text
    return ET.tostring(root, encoding="unicode") + "\n"


def histories(report: Report) -> str:
    """Return the history of each spec that has one, as a line of JSON: its form is ``history.schema.json``."""
    kept = ("spec", "claims", "verdict", "events")
    lines = (
        json.dumps({"schema": HISTORY_ID, **{key: spec[key] for key in kept}})
        for spec in report["specs"]
        if spec["events"]
    )
    return "".join(f"{line}\n" for line in lines)


def remarks(report: Report) -> Iterator[str]:
    """Yield a workflow command for each violated spec whose server traceback leads into the subject's own source."""
    root = report["facts"]["root"].rstrip("/") + "/"
    for spec in report["specs"]:
        frames = [found for found in _FRAME.finditer(spec["server_traceback"]) if found["file"].startswith(root)]
        if spec["verdict"] == "violated" and frames:
            place = f"file={_property(frames[-1]['file'].removeprefix(root))},line={frames[-1]['line']}"
            title = _property(spec["claims"][0])
            told = next((finding["sentence"] for finding in spec["findings"]), "")
            yield f"::error {place},title={title}::{_data(told)}"


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "markdown": markdown,
    "ctrf": ctrf,
    "badge": badge,
    "histories": histories,
}
"""How a report is written by each option of ``run`` that names a file."""


def _claims(report: Report) -> Iterator[Mapping[str, Any]]:
    return (claim for chapter in report["chapters"] for claim in chapter["claims"])


def _cell(text: str) -> str:
    """Return foreign text as it may stand in a table of Markdown: on one line, and nothing in it marks anything up."""
    marked = re.sub(r"([\\`*_{}\[\]<>#|~!])", r"\\\1", " ".join(text.split()))
    return marked.replace("\\<", "&lt;").replace("\\>", "&gt;")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def compare(old: Report, new: Report) -> list[tuple[str, str, str, str]]:
    """Return what changed between two reports: "lost", "gained" or "changed", the claim, its verdict before and after.

    A claim is lost that held, or was known to be broken, and is not any more; and whatever is violated now and was not.
    It is gained that holds now, or is known to be broken, and was neither.
    """
    before = {claim["id"]: claim["verdict"] for claim in _claims(old)}
    after = {claim["id"]: claim["verdict"] for claim in _claims(new)}
    good = {Verdict.HOLDS.value, Verdict.KNOWN.value}
    told = []
    for claim_id in dict.fromkeys((*before, *after)):
        was, now = before.get(claim_id, "absent"), after.get(claim_id, "absent")
        if was != now:
            lost = now == Verdict.VIOLATED.value or (was in good and now not in good)
            gained = now in good and was not in good
            told.append(("lost" if lost else "gained" if gained else "changed", claim_id, was, now))
    return told


def compared(changes: list[tuple[str, str, str, str]]) -> list[str]:
    """Return a comparison as lines: what was lost first."""
    signs = {"lost": SIGNS[Verdict.VIOLATED], "gained": SIGNS[Verdict.HOLDS], "changed": SIGNS[Verdict.KNOWN]}
    order = list(signs)
    lines = [
        f"{signs[change]} {change:<7}  {claim_id}: {was} before, {now} now"
        for change, claim_id, was, now in sorted(changes, key=lambda one: order.index(one[0]))
    ]
    count = {change: sum(one[0] == change for one in changes) for change in signs}
    return [*lines, f"{count['lost']} lost, {count['gained']} gained, {count['changed']} changed otherwise."]
