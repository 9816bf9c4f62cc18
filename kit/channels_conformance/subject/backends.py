"""The connections that workers hold to PostgreSQL, as the server counts them: a backend for each."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from typing import TYPE_CHECKING

from django.db import connections

from channels_conformance.history import Event, Kind
from channels_conformance.services.postgres import connected, rows

if TYPE_CHECKING:
    from collections.abc import Collection

    from channels_conformance.subject.overlay import Plan

THREADS = min(32, (os.cpu_count() or 1) + 4) + 2
"""How many threads of a worker may talk to the database: those of a default pool, the one of asgiref, the main one."""

POLL = 0.05  # seconds between two looks at what has not come to rest yet

_ACTIVITY = """
SELECT application_name, state, query FROM pg_stat_activity
WHERE starts_with(datname, %s) AND backend_type = 'client backend'
"""


def capacity() -> int:
    """Return how many connections a worker at rest may hold: one a thread and database, and what pools keep open."""
    return sum(THREADS + _pooled(connections[alias].settings_dict) for alias in _on_postgres())


async def at_rest(plan: Plan, workers: Collection[str], *, deadline: float) -> list[Event]:
    """Wait until no worker holds more connections than it may, nor an open transaction; return what was seen last.

    Whoever is not at rest at the deadline has leaked.
    """
    limit = capacity()
    until = time.monotonic() + deadline
    while True:
        seen = await asyncio.to_thread(_look, plan, workers, limit)
        settled = all(event.kind is Kind.CONNECTIONS_HELD and (event.code or 0) <= limit for event in seen)
        if settled or time.monotonic() > until:
            return seen
        await asyncio.sleep(POLL)


def _look(plan: Plan, workers: Collection[str], limit: int) -> list[Event]:
    with connected(plan.postgres) as connection:
        found = rows(connection, _ACTIVITY, (f"{plan.databases}_",))
    # One that goes by a name of its own is somebody's all the same.
    names = {plan.application_name(worker): worker for worker in workers}
    others = {plan.application_name(name) for name in ("", "celery")}
    held = Counter(names.get(name, name) for name, _, _ in found if name not in others)
    now = time.monotonic()
    counts = [
        Event(at=now, kind=Kind.CONNECTIONS_HELD, worker=worker, code=held[worker], text=str(limit))
        for worker in sorted({*workers, *held})
    ]
    return counts + [
        Event(at=now, kind=Kind.TRANSACTION_LEFT_OPEN, worker=names.get(name, name), detail=query)
        for name, state, query in found
        if name not in others and (state or "").startswith("idle in transaction")
    ]


def _on_postgres() -> list[str]:
    return [alias for alias in connections if connections[alias].vendor == "postgresql"]


def _pooled(database: dict[str, object]) -> int:
    options = database.get("OPTIONS")
    pool = options.get("pool") if isinstance(options, dict) else None
    sizes = pool if isinstance(pool, dict) else {}
    return int(sizes.get("max_size") or sizes.get("min_size") or 4) if pool else 0  # 4 is psycopg_pool's default
