"""What a fault can reach: the chapters and the endpoints whose specs run something of what it changes.

The bare and the scripted applications are served by themselves, and what other chapters judge imports nothing of them;
how channel layers behave is settled by their classes and the settings alone; a layer that no consumer uses is seen by
who looks at the settings; no consumer of one app runs for a connection to another's, and the script of a page runs in a
browser only. What cannot differ is not played again.
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

A_LAYER_BESIDE = 'CHANNEL_LAYERS["own"] = '
"""How a fault brings in a layer that no consumer of the reference app uses."""

SEES_ALL_LAYERS = frozenset({"layer", "configuration", "installation"})
"""The chapters that look at the layers which the settings name."""

SERVES: Mapping[str, tuple[str, ...]] = {
    "chat": ("chat",),
    "echo": ("echo", "echo-sync"),
    "notifications": ("notifications",),
}
"""The endpoints that the consumers of an app serve, by the app's folder."""


def chapters(fault: Fault, every: Collection[str] = ()) -> set[str]:
    """Return the chapters that a fault is played on, of ``every`` chapter there is."""
    every = every or {chapter.id for chapter in claims.load().chapters}
    broken = {claim.partition("/")[0] for claim in fault.breaks}
    if all("/static/" in change.file for change in fault.changes):
        return broken
    if any(A_LAYER_BESIDE in change.after for change in fault.changes):
        return {*SEES_ALL_LAYERS, *broken}
    changed = _folders(fault)
    reached = (
        {chapter for folder in changed for chapter in LOADED_BY[folder]}
        if changed <= LOADED_BY.keys()
        else {chapter for chapter in every if changed & LOADS.get(chapter, changed)}
    )
    return reached | broken


def endpoints(fault: Fault) -> tuple[str, ...]:
    """Return the endpoints that a fault is played on; none where it can reach each of them."""
    served = [SERVES.get(folder) for folder in sorted(_folders(fault))]
    return tuple(name for names in served for name in names or ()) if all(served) else ()


def _folders(fault: Fault) -> set[str]:
    return {change.file.partition("/")[0] for change in fault.changes}
