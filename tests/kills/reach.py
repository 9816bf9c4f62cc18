"""What a fault can reach: the chapters whose specs load something of what it changes.

The bare and the scripted applications are served by themselves, and what other chapters judge imports nothing of them;
how channel layers behave is settled by their classes and the settings alone. What cannot differ is not played again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from channels_conformance import claims
from channels_conformance.exercises import Fault

LOADED_BY: Mapping[str, frozenset[str]] = {
    "bare": frozenset({"protocol", "servers"}),
    "scripted": frozenset({"servers"}),
}
"""The folders of the reference app that these chapters load, and no other does."""

LOADS: Mapping[str, frozenset[str]] = {
    "servers": frozenset(),
    "frontend": frozenset(),
    "layer": frozenset({"config"}),
}
"""The chapters that load only these folders, beside what breaks one of their own claims."""


def chapters(fault: Fault, every: Collection[str] = ()) -> set[str]:
    """Return the chapters that a fault is played on, of ``every`` chapter there is."""
    every = every or {chapter.id for chapter in claims.load().chapters}
    changed = {change.file.partition("/")[0] for change in fault.changes}
    broken = {claim.partition("/")[0] for claim in fault.breaks}
    reached = (
        {chapter for folder in changed for chapter in LOADED_BY[folder]}
        if changed <= LOADED_BY.keys()
        else {chapter for chapter in every if changed & LOADS.get(chapter, changed)}
    )
    return reached | broken
