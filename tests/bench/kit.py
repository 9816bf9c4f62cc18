"""What the kit itself costs: a message more, or a client more, is to cost what the one before cost."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import channels_conformance
from channels_conformance.checks import whole
from channels_conformance.subject.reading import load
from channels_conformance.subject.subject import Subject
from channels_conformance.subject.trial import trial
from tests.bench.rounds import Bench, Result, in_turns, ratio, spreads

REFERENCE = Path(channels_conformance.__file__).parent / "reference"
MICRO = 1_000_000


async def linear(bench: Bench, *, rounds: int, size: int) -> Result:
    """Play and judge few messages and many, few clients and many."""
    # Whoever enters a run has its settings and its environment from then on: no benchmark after it would be itself.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        return await asyncio.get_running_loop().run_in_executor(apart, _played, rounds, size)


def _played(rounds: int, size: int) -> Result:
    with trial(load(REFERENCE)) as subject:
        return asyncio.run(_measured(subject, rounds, size))


async def _measured(subject: Subject, rounds: int, size: int) -> Result:
    sizes = {
        "few messages": (1, size),
        "four times the messages": (1, 4 * size),
        "few clients": (5, max(1, size // 5)),
        "four times the clients": (20, max(1, size // 5)),
    }
    await _play(subject, 1, size)  # what is made once is made
    measures = {name: partial(_play, subject, *of) for name, of in sizes.items()}
    values = await in_turns(measures, rounds=rounds)
    return Result(
        name="kit",
        title="playing, recording and judging one message of an echo in process",
        statements=(),
        rounds=rounds,
        rows=spreads(values, "µs a message"),
        ratios={
            f"cost of one message, {many} over {few}": ratio(values, many, few)
            for many, few in (("four times the messages", "few messages"), ("four times the clients", "few clients"))
        },
    )


async def _play(subject: Subject, clients: int, messages: int) -> float:
    names = [f"client-{number}" for number in range(clients)]
    began = time.perf_counter()
    async with subject.player(subject.profile.endpoint("echo"), over="process") as player:
        for name in names:
            await player.join(name, user="")
        for _ in range(messages):
            said = await asyncio.gather(*map(player.say, names))
            await asyncio.gather(*map(player.heard, names, said))
    assert not [finding for check in whole for finding in check(player.history)]
    subject.run.histories.clear()
    return (time.perf_counter() - began) / (clients * messages) * MICRO
