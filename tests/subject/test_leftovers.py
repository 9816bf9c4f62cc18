"""A run ends, whatever its subject has left running."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from channels_conformance.subject import leftovers

DEAF = """
import asyncio
from channels_conformance.subject import leftovers

async def beat():
    while True:
        try:
            await asyncio.Event().wait()
        except BaseException:
            pass

async def main():
    asyncio.create_task(beat())
    await asyncio.sleep(0)
    print("done")

leftovers.run(main())
"""


def test_a_task_that_swallows_a_cancellation_once_ends() -> None:
    """As redis-py does up to Python 3.11."""
    told: list[str] = []
    left: list[asyncio.Task[None]] = []  # a loop holds its tasks weakly: a collection might end it instead

    async def swallows() -> None:
        for number in range(3):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                told.append(f"swallowed {number}")
        try:
            await asyncio.Event().wait()
        finally:
            told.append("ended")

    async def work() -> str:
        left.append(asyncio.create_task(swallows()))
        await asyncio.sleep(0)
        assert not left[0].done()
        return "worked"

    assert leftovers.run(work()) == "worked"
    assert told == ["swallowed 0", "swallowed 1", "swallowed 2", "ended"]


def test_a_task_that_will_not_end_keeps_nobody() -> None:
    """And is no matter for a word, neither when the loop is closed nor when the process ends."""
    done = subprocess.run([sys.executable, "-c", DEAF], capture_output=True, text=True, timeout=60, check=True)

    assert (done.stdout, done.stderr) == ("done\n", "")


def test_what_went_wrong_is_raised() -> None:
    """And what was left running has ended."""
    left: list[asyncio.Task[bool]] = []

    async def work() -> None:
        left.append(asyncio.create_task(asyncio.Event().wait()))
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        leftovers.run(work())

    assert left[0].cancelled()
