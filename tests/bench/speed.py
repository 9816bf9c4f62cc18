"""How many frames and pages a second: synchronous and asynchronous consumers, Daphne and Uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import time
from functools import partial

from channels_conformance.services.servers import Server
from tests.bench.clients import TEXT, Page, Socket
from tests.bench.rounds import Bench, Result, in_turns, ratio, spreads

CONNECTIONS = 20


async def consumers(bench: Bench, *, rounds: int, size: int) -> Result:
    """Have both kinds of consumers say back what they hear, on both servers."""
    async with contextlib.AsyncExitStack() as stack:
        both = {
            "Daphne": await stack.enter_async_context(bench.server("daphne")),
            "Uvicorn": await stack.enter_async_context(bench.server("uvicorn")),
        }
        measures = {
            f"{name}, {kind} consumer": partial(_frames, server, f"/{kind}/", size)
            for name, server in both.items()
            for kind in ("sync", "async")
        }
        values = await in_turns(measures, rounds=rounds)
    return Result(
        name="consumers",
        title=f"echoes of {CONNECTIONS} connections, without a channel layer",
        statements=("C-81", "C-110"),
        rounds=rounds,
        rows=spreads(values, "frames/s"),
        ratios={
            f"async over sync, {name}": ratio(values, f"{name}, async consumer", f"{name}, sync consumer")
            for name in both
        },
    )


async def servers(bench: Bench, *, rounds: int, size: int) -> Result:
    """Have both servers serve the same things: bare, by Django and by Channels."""
    async with contextlib.AsyncExitStack() as stack:
        both = {
            "Daphne": await stack.enter_async_context(bench.server("daphne")),
            "Uvicorn": await stack.enter_async_context(bench.server("uvicorn")),
        }
        things = {
            "bare WebSocket": partial(_frames, path="/bare/", size=size),
            "async consumer": partial(_frames, path="/async/", size=size),
            "sync consumer": partial(_frames, path="/sync/", size=size),
            "bare page": partial(_pages, path="/bare/", size=size),
            "Django page": partial(_pages, path="/page/", size=max(1, size // 4)),
        }
        measures = {
            f"{name}, {thing}": partial(measure, server)
            for thing, measure in things.items()
            for name, server in both.items()
        }
        values = await in_turns(measures, rounds=rounds)
    return Result(
        name="servers",
        title=f"frames and pages over {CONNECTIONS} connections",
        statements=("C-32",),
        rounds=rounds,
        rows=spreads(values, "a second"),
        ratios={
            f"Uvicorn over Daphne, {thing}": ratio(values, f"Uvicorn, {thing}", f"Daphne, {thing}") for thing in things
        },
    )


async def _frames(server: Server, path: str, size: int) -> float:
    sockets = [await Socket.open(server, path) for _ in range(CONNECTIONS)]

    async def talk(socket: Socket) -> None:
        for _ in range(size):
            socket.send(TEXT)
            await socket.receive()

    began = time.perf_counter()
    await asyncio.gather(*map(talk, sockets))
    took = time.perf_counter() - began
    for socket in sockets:
        socket.close()
    return CONNECTIONS * size / took


async def _pages(server: Server, path: str, size: int) -> float:
    pages = [await Page.open(server) for _ in range(CONNECTIONS)]

    async def ask(page: Page) -> None:
        for _ in range(size):
            await page.get(path)

    began = time.perf_counter()
    await asyncio.gather(*map(ask, pages))
    took = time.perf_counter() - began
    for page in pages:
        page.close()
    return CONNECTIONS * size / took
