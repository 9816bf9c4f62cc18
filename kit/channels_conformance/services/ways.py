"""Trying one way to a service after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from channels_conformance.services.processes import ServiceError

Service = TypeVar("Service")


def first_of(ways: Mapping[str, Callable[[], Service]], *, only: str | None = None) -> tuple[Service | None, list[str]]:
    """Return what the first way leads to, or None, and why each way before it failed; ``only`` leaves one way."""
    notes: list[str] = []
    for name, way in ways.items():
        if only not in (None, name):
            continue
        try:
            return way(), notes
        except ServiceError as reason:
            notes.append(f"{name}: {reason}")
    return None, notes
