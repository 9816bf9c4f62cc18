"""A run on an app whose tasks and threads never end comes to its own end, and says what it found."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels_conformance.exercises import Change, Fault, plant
from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run

CLAIM = "lifecycle/text-stays-text-and-binary-stays-binary"
"""Its specs are played in the process that judges, too."""


def of_echo(name: str, title: str, *, before: str, after: str) -> Fault:
    """Return a fault of the echo consumers."""
    change = Change(file="echo/consumers.py", before=before, after=after)
    return Fault(name=name, title=title, breaks=(CLAIM,), modelled_on="", changes=(change,))


DEAF_TASK = of_echo(
    "deaf_task",
    "A consumer's task swallows every cancellation.",
    before="        await self.accept(subprotocol=choose_subprotocol(",
    after="""        import asyncio

        async def beat() -> None:
            while True:
                try:
                    await asyncio.sleep(1)
                except BaseException:
                    pass

        self.beat = asyncio.create_task(beat())
        await self.accept(subprotocol=choose_subprotocol(""",
)

STUCK_THREAD = of_echo(
    "stuck_thread",
    "A synchronous handler waits for what never comes.",
    before="            self.send(text_data=text_data, bytes_data=bytes_data)\n",
    after="            import threading\n\n            threading.Event().wait()\n",
)


@pytest.mark.parametrize(
    ("fault", "endpoint", "verdict"),
    [(DEAF_TASK, "echo", "holds"), (STUCK_THREAD, "echo-sync", "violated")],
    ids=["task", "thread"],
)
def test_what_never_ends_keeps_nobody(
    fault: Fault, endpoint: str, verdict: str, run: Run, redis: Redis, tmp_path: Path
) -> None:
    """Where it does no harm, the claim holds."""
    asked = ("--claim", CLAIM, "--endpoint", endpoint, "--examples", "2")

    result = run("--subject", str(plant(fault, tmp_path)), "--redis-url", redis.url, *asked)

    assert (result.verdicts(), result.code) == ({CLAIM: verdict}, int(verdict == "violated")), result.output
