"""How long it takes until somebody knows: by asking again and again, by being told, through a worker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import time
from collections.abc import Iterator
from typing import Any

from celery import Celery
from django.utils.module_loading import import_string

from channels_conformance.services.celery import start_worker
from channels_conformance.services.redis import Redis
from channels_conformance.services.servers import Server
from tests.bench.clients import Page, Socket
from tests.bench.rounds import ROOT, Bench, Result, Spread, in_turns, ratio

INTERVAL = 0.25  # seconds between two polls
SPACING = 2.9  # of such intervals between two events
EVENTS = 8
MILLI = 1000


async def polling(bench: Bench, *, rounds: int, size: int) -> Result:
    """Let the same events be found by who polls and told to who listens."""
    found: dict[str, list[float]] = {}
    events = min(size, EVENTS)
    async with bench.server("uvicorn", layer=True) as server:
        for _ in range(rounds):
            told, asked, empty = await _one_stream(server, events)
            figures = {
                "push, ms at the median": statistics.median(told) * MILLI,
                "polling, ms on average": statistics.mean(asked) * MILLI,
                "polling, ms at most": max(asked) * MILLI,
                "polls that found nothing, %": 100 * empty,
            }
            for name, figure in figures.items():
                found.setdefault(name, []).append(figure)
    return Result(
        name="polling",
        title=f"polls every {INTERVAL:g} s, an event every {INTERVAL * SPACING:g} s",
        statements=("C-11", "C-12"),
        rounds=rounds,
        rows={name: Spread.of(values) for name, values in found.items()},
        ratios={"polling on average over push": ratio(found, "polling, ms on average", "push, ms at the median")},
    )


async def _one_stream(server: Server, events: int) -> tuple[list[float], list[float], float]:
    listener, poller, maker = await Socket.open(server, "/listen/"), await Page.open(server), await Page.open(server)
    told: list[float] = []
    asked: list[float] = []
    polls = empty = 0

    async def listen() -> None:
        for _ in range(events):
            happened = float(await listener.receive())
            told.append(time.monotonic() - happened)

    async def poll() -> None:
        nonlocal polls, empty
        seen = json.loads(await poller.get("/news/"))["at"]
        while len(asked) < events:
            await asyncio.sleep(INTERVAL)  # what a poller does, and what it costs, is measured
            happened = json.loads(await poller.get("/news/"))["at"]
            polls += 1
            if happened == seen:
                empty += 1
            else:
                asked.append(time.monotonic() - happened)
            seen = happened

    async def make() -> None:
        for _ in range(events):
            await asyncio.sleep(INTERVAL * SPACING)  # so rarely something happens
            await maker.get("/push/")

    await asyncio.gather(listen(), poll(), make())
    for client in (listener, poller, maker):
        client.close()
    return told, asked, empty / polls


async def latency(bench: Bench, *, rounds: int, size: int) -> Result:
    """Send a group message from here to a client, and queue a task here for a worker."""
    redis = bench.redis
    env = bench.environment() | {"BENCH_REDIS": redis.url, "BENCH_PREFIX": redis.prefix}
    worker = await asyncio.to_thread(
        start_worker, "tests.bench.tasks:app", env=env, cwd=ROOT, folder=bench.folder, guard=bench.guard
    )
    async with bench.server("uvicorn", layer=True) as server:
        with _celery(redis) as app:
            kind: Any = import_string("channels_redis.core.RedisChannelLayer")  # published without types
            layer = kind(hosts=[{"address": redis.url, "socket_timeout": None}], prefix=redis.prefix)
            socket = await Socket.open(server, "/listen/")
            began: dict[str, float] = {}

            async def told() -> float:
                took = []
                for _ in range(size):
                    text = str(time.monotonic())
                    await layer.group_send("bench", {"type": "bench.told", "text": text})
                    await socket.receive()
                    took.append(time.monotonic() - float(text))
                return statistics.median(took) * MILLI

            async def worked() -> float:
                begun, took = await asyncio.to_thread(_work, app, size)
                began[str(len(began))] = statistics.median(begun) * MILLI
                return statistics.median(took) * MILLI

            await told()
            await worked()
            began.clear()
            values = await in_turns({"message": told, "result": worked}, rounds=rounds)
            values["begun"] = list(began.values())
            socket.close()
            await layer.close_pools()
    await asyncio.to_thread(worker.kill)
    names = {
        "message": "group_send() until the client has it",
        "begun": "delay() until the task begins",
        "result": "delay() until its result is read",
    }
    return Result(
        name="latency",
        title=f"ms at the median of {size}",
        statements=("C-96", "C-97"),
        rounds=rounds,
        rows={f"{name}, ms": Spread.of(values[key]) for key, name in names.items()},
        ratios={"task begins over message": ratio(values, "begun", "message")},
    )


@contextlib.contextmanager
def _celery(redis: Redis) -> Iterator[Any]:
    os.environ |= {"BENCH_REDIS": redis.url, "BENCH_PREFIX": redis.prefix}
    from tests.bench import tasks

    with tasks.app as app:
        yield app


def _work(app: Celery, size: int) -> tuple[list[float], list[float]]:
    begun, took = [], []
    for _ in range(size):
        now = time.monotonic()
        result = app.send_task("bench.began")
        begun.append(result.get(timeout=30) - now)
        took.append(time.monotonic() - now)
        result.forget()
    return begun, took
