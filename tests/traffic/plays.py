"""What tests of plays share."""

from __future__ import annotations

import asyncio

from channels_conformance.checks import whole
from channels_conformance.checks.finding import Finding
from channels_conformance.history import History, Kind
from channels_conformance.traffic.player import Player


def lose_patience(player: Player) -> None:
    """Have what is meant to fail from here on fail soon."""
    player._deadline = 0.01


def kinds(history: History, connection: str) -> list[Kind]:
    """Return what the client of a connection saw and did, in order."""
    return [event.kind for event in history if event.connection == connection and not event.worker]


def findings(history: History) -> list[Finding]:
    """Return what the checks of delivery find."""
    return [finding for check in whole for finding in check(history)]


async def others_run() -> None:
    """Let every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)
