"""What connections cost a process: memory and threads, of consumers and of long polls."""

from __future__ import annotations

import asyncio
import contextlib

from tests.bench.clients import TEXT, Page, Socket, state
from tests.bench.rounds import Bench, Result, Spread

MEGABYTE = 1024 * 1024
POLLS = 200


async def memory(bench: Bench, *, rounds: int, size: int) -> Result:
    """Open many connections to a fresh server, have each served once, and look at what its process takes more."""
    more: dict[str, list[float]] = {}
    for _ in range(rounds):
        for layer in (False, True):
            for kind in ("sync", "async"):
                async with bench.server("uvicorn", layer=layer) as server:
                    first = await Socket.open(server, f"/{kind}/")  # what the process takes once for all is not counted
                    first.send(TEXT)
                    await first.receive()
                    before = await state(server)
                    sockets, idle = [], []
                    for _ in range(size):
                        socket = await Socket.open(server, f"/{kind}/")
                        socket.send(TEXT)
                        await socket.receive()
                        sockets.append(socket)
                        idle.append(asyncio.create_task(socket.receive()))  # it answers pings
                    after = await state(server)
                    for task in idle:
                        task.cancel()
                    await asyncio.gather(*idle, return_exceptions=True)
                    for socket in (first, *sockets):
                        socket.close()
                name = f"{kind} consumers{' with a Redis layer' if layer else ''}"
                thousands = size / 1000
                figures = {
                    "MB more per 1000": (after["memory"] - before["memory"]) / MEGABYTE / thousands,
                    "MB in all": after["memory"] / MEGABYTE,
                    "threads more": after["threads"] - before["threads"],
                    "threads that handled frames": after["handlers"],
                }
                for unit, figure in figures.items():
                    more.setdefault(f"{name}, {unit}", []).append(figure)
    return Result(
        name="memory",
        title=f"{size} connections to Uvicorn",
        statements=("C-84", "C-85", "C-87"),
        rounds=rounds,
        rows={name: Spread.of(values) for name, values in more.items()},
    )


async def longpoll(bench: Bench, *, rounds: int, size: int) -> Result:
    """Have long polls wait, by a Django view and by a Channels consumer, and count the threads that they take."""
    polls = min(size, POLLS)
    more: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, path in (("async Django view", "/poll/"), ("AsyncHttpConsumer", "/poll-consumer/")):
            async with bench.server("uvicorn") as server:
                before = await state(server)
                pages = [await Page.open(server) for _ in range(polls)]
                asked = [asyncio.create_task(page.get(path)) for page in pages]
                while (now := await state(server))["waiting"] < polls:
                    assert not any(one.done() for one in asked)
                more.setdefault(f"{name}, threads more for {polls} polls", []).append(
                    now["threads"] - before["threads"]
                )
                releaser = await Page.open(server)
                await releaser.get("/release/")
                with contextlib.suppress(asyncio.IncompleteReadError):
                    await asyncio.gather(*asked)
                for page in (releaser, *pages):
                    page.close()
    return Result(
        name="longpoll",
        title=f"{polls} long polls that wait at one time, on Uvicorn",
        statements=("C-27",),
        rounds=rounds,
        rows={name: Spread.of(values) for name, values in more.items()},
    )
