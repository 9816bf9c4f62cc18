"""A project that misbehaves while it is judged is judged: its claims are violated, and each finding says whose it is.

The run ends, no traceback is ours, and nothing is left behind.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from channels_conformance.services.redis import Redis
from tests.whole.conftest import WITHOUT_REDIS, Run
from tests.whole.traces import nothing_runs
from tests.whole.wrong import ASGI, CONSUMERS, PROFILE, project

IN_TIME = "lifecycle/connect-is-answered-in-time"

MISBEHAVING = {
    "hangs in connect": (
        CONSUMERS.replace(
            "    async def receive",
            "    async def connect(self):\n        await Event().wait()\n\n\n    async def receive",
        ),
        "unanswered: the handshake of alice",
    ),
    "floods": (
        CONSUMERS.replace(
            "    async def receive",
            "    async def connect(self):\n        await self.accept()\n        while True:\n"
            "            await self.send(text_data='x' * 1000)\n\n    async def receive",
        ),
        "unexpected: alice (uvicorn-1) was sent more than 5000 frames that nobody asked for",
    ),
    "ends its process in connect": (
        CONSUMERS.replace(
            "    async def receive", "    async def connect(self):\n        os._exit(5)\n\n    async def receive"
        ),
        "crashed: the server uvicorn-1 ended with status 5",
    ),
}
"""Consumers that misbehave, and what is found first in the claim that handshakes are answered in time."""


@pytest.mark.parametrize("name", MISBEHAVING)
def test_a_project_that_misbehaves_is_judged(name: str, run: Run, redis: Redis, tmp_path: Path) -> None:
    """What hangs, floods or dies is found, is the app's, and does not keep the rest from being judged."""
    consumers, finding = MISBEHAVING[name]
    place = project(
        tmp_path / "project",
        consumers=f"import os\nfrom asyncio import Event\n{consumers}",
        conformance=PROFILE.replace("daphne", "uvicorn").replace('say = "{text}"', 'hears = "nobody"'),
    )
    unrouted = "lifecycle/unrouted-path-is-refused"

    result = run("--redis-url", redis.url, "--claim", IN_TIME, "--claim", unrouted, cwd=place)

    assert result.code == 1, result.output
    assert result.verdicts() == {IN_TIME: "violated", unrouted: "violated"}
    assert finding in result.output
    assert {each["blame"] for spec in result.report["specs"] for each in spec["findings"]} == {"app"}
    assert "the kit failed" not in result.output
    nothing_runs(tmp_path)


def test_a_handler_that_ends_the_process_is_found_in_process_and_on_servers(
    run: Run, redis: Redis, tmp_path: Path
) -> None:
    """os._exit() in a handler ends neither the run nor the judgement of what comes after it."""
    deadly = CONSUMERS.replace("        await self.send", "        os._exit(5)\n        await self.send")
    place = project(tmp_path / "project", consumers=f"import os\n{deadly}", conformance=PROFILE)
    in_process, on_servers = "lifecycle/bad-frames-are-survived", "lifecycle/many-messages-over-one-connection"

    result = run(
        *("--redis-url", redis.url, "--claim", IN_TIME, "--claim", in_process, "--claim", on_servers), cwd=place
    )

    assert result.code == 1, result.output
    assert result.verdicts()[in_process] == result.verdicts()[on_servers] == "violated"
    assert "os._exit(5) ends the process" in result.output
    assert "the server daphne-1 ended with status 5" in result.output
    nothing_runs(tmp_path)


DEAF = """
async def deaf(scope, receive, send, inner=application):
    if scope["type"] == "http":
        await inner(scope, receive, send)

application, deaf.application = deaf, application
"""


@pytest.mark.parametrize(
    ("asgi", "verdict"),
    [
        (f"import sys\nsys.stdout.buffer.write(b'\\xff\\x00\\x1b[31m{{' * 5000)\n{ASGI}", "holds"),
        (
            f"{ASGI}{DEAF}",
            "violated",
        ),
    ],
    ids=["prints garbage at import", "swallows everything"],
)
def test_odd_applications_are_judged(asgi: str, verdict: str, run: Run, tmp_path: Path) -> None:
    """Garbage that modules print is no part of the report, and a middleware that lets nothing through is found."""
    result = run(*WITHOUT_REDIS, "--claim", IN_TIME, cwd=project(tmp_path / "project", asgi=asgi))

    assert result.verdicts() == {IN_TIME: verdict}, result.output
    assert "\x1b[31m{" not in result.output
    nothing_runs(tmp_path)
