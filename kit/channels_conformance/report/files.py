"""The files that a run writes: each format where an option names one, and what a workflow on GitHub reads by itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from channels_conformance.report import html, json_report, shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from channels_conformance.claims import Catalogue
    from channels_conformance.report.verdicts import Summary


def write(summary: Summary, catalogue: Catalogue, wanted: Mapping[str, str], language: str = "en") -> None:
    """Write a run in each format asked for, by its name in ``names.FORMATS``; raise ``OSError`` where it cannot.

    Where ``GITHUB_STEP_SUMMARY`` names a file, the job summary is added to it.
    """
    report = json_report.data(summary)
    for name, path in wanted.items():
        if name == "html":
            _put(html.page([report], catalogue, language), Path(path))
        elif name == "json":
            json_report.write(summary, Path(path))
        else:
            _put(shapes.FORMATS[name](report), Path(path))
    if job := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(job).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(shapes.markdown(report))


def remarks(summary: Summary) -> list[str]:
    """Return the annotations of the subject's source that a workflow on GitHub shows; none anywhere else."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return []
    return list(shapes.remarks(json_report.data(summary)))


def _put(text: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)  # a long run is not lost for want of a folder
    path.write_bytes(text.encode("utf-8", errors="backslashreplace"))
