"""Measuring in turns, so that whatever else the machine does meets all alike; and what came of it, as data."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import os
import platform
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from channels_conformance.services import redis as redis_service
from channels_conformance.services.guard import Guard, new_folder
from channels_conformance.services.redis import Redis
from channels_conformance.services.servers import Kind, Server, start_server

ROOT = Path(__file__).parents[2]
APPLICATION = "tests.bench.served:application"
PACKAGES = ("django", "channels", "channels-redis", "redis", "daphne", "uvicorn", "celery", "asgiref", "websockets")

Measure = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What a figure was in the middle of all rounds, at least and at most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of some values, of which there must be one."""
        return cls(median=statistics.median(values), least=min(values), most=max(values))

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.least)}–{_short(self.most)})"

    def to_data(self) -> dict[str, float]:
        """Return it as JSON has it."""
        return {"median": self.median, "min": self.least, "max": self.most}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a benchmark found: a row for each thing measured, and a ratio for each two that are compared."""

    name: str
    title: str
    statements: tuple[str, ...]  # of the notes, which it is about
    rounds: int
    rows: Mapping[str, Spread]  # with its unit in the name
    ratios: Mapping[str, Spread] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return it as a reader wants it."""
        about = f" ({', '.join(self.statements)})" if self.statements else ""
        told = [f"{self.name}: {self.title}{about}, {self.rounds} rounds; median (min–max)"]
        width = max(map(len, (*self.rows, *self.ratios)))
        told += [f"  {name:<{width}}  {spread}" for name, spread in self.rows.items()]
        return told + [f"  {name:<{width}}  x {spread}" for name, spread in self.ratios.items()]

    def to_data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "name": self.name,
            "title": self.title,
            "statements": list(self.statements),
            "rounds": self.rounds,
            "rows": {name: spread.to_data() for name, spread in self.rows.items()},
            "ratios": {name: spread.to_data() for name, spread in self.ratios.items()},
        }


async def in_turns(measures: Mapping[str, Measure], *, rounds: int) -> dict[str, list[float]]:
    """Take each measure once a round, and return the values of each by its name."""
    values: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            values[name].append(await measure())
    return values


def spreads(values: Mapping[str, Sequence[float]], unit: str) -> dict[str, Spread]:
    """Return the spread of each measure, its name followed by its unit."""
    return {f"{name}, {unit}": Spread.of(taken) for name, taken in values.items()}


def ratio(values: Mapping[str, Sequence[float]], over: str, under: str) -> Spread:
    """Return the spread of one measure over another, each divided by its neighbour of the same round."""
    return Spread.of([one / other for one, other in zip(values[over], values[under], strict=True)])


def surroundings() -> dict[str, Any]:
    """Return what the figures depend on: versions, and the class of the machine."""
    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {
        "versions": {"python": platform.python_version(), **found},
        "machine": {"system": platform.system(), "architecture": platform.machine(), "cpus": os.cpu_count()},
    }


class Bench:
    """The services of a run: servers of the benchmarks' own application, and a Redis, all gone when it ends."""

    def __init__(self) -> None:
        self.guard = Guard().start()
        self.folder = new_folder()
        self.guard.folder(self.folder)
        self._redis: Redis | None = None
        self._servers = 0

    @property
    def redis(self) -> Redis:
        """The Redis of the run, found or started when first asked for."""
        if self._redis is None:
            self._redis = redis_service.find(guard=self.guard, folder=self.folder)
        return self._redis

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that can import the benchmarks' application."""
        paths = [str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}

    @contextlib.asynccontextmanager
    async def server(self, kind: Kind, *, layer: bool = False) -> AsyncIterator[Server]:
        """Give a server of the benchmarks' application, with a Redis layer where it is wanted."""
        self._servers += 1
        env = self.environment() | ({"BENCH_REDIS": self.redis.url, "BENCH_PREFIX": self.redis.prefix} if layer else {})
        name = f"{kind}-{self._servers}"
        server = await asyncio.to_thread(
            start_server, kind, APPLICATION, env=env, cwd=ROOT, folder=self.folder, guard=self.guard, name=name
        )
        try:
            yield server
        finally:
            await asyncio.to_thread(server.kill)

    def close(self) -> None:
        """End whatever was started."""
        self.guard.close()


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
