"""The servers of the bare applications: started once, and anew where one answers no more."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest

from channels_conformance.history import Event, Kind
from channels_conformance.services.servers import Listener
from channels_conformance.subject.bare import BARE_WSGI, PROJECT_WSGI, Bare

pytestmark = pytest.mark.asyncio


class Processes:
    """Stands for what starts processes, and remembers each."""

    def __init__(self) -> None:
        self.started: list[Listener] = []
        self.killed: list[str] = []

    def start_beside(self, name: str, *_: object) -> Future[Listener]:
        """Start one."""
        process: Any = SimpleNamespace(kill=lambda: self.killed.append(name))
        self.started.append(Listener(name=name, host="127.0.0.1", port=1, process=process))
        future: Future[Listener] = Future()
        future.set_result(self.started[-1])
        return future


@pytest.fixture
def processes() -> Processes:
    """Return where processes are started."""
    return Processes()


@pytest.fixture
def bare(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> Bare:
    """Return the bare applications."""
    monkeypatch.setattr(Bare, "_plan", lambda *_: None)
    run = SimpleNamespace(start_beside=processes.start_beside, histories=[])
    subject: Any = SimpleNamespace(run=run)
    return Bare(subject)


async def test_a_server_is_started_once(bare: Bare, processes: Processes) -> None:
    """Whatever was answered, be it an error."""
    first = await bare.visit(PROJECT_WSGI)
    first.history.events.append(Event(at=1, kind=Kind.RESPONDED, worker=first.server.name, code=500))

    second = await bare.visit(PROJECT_WSGI)

    assert second.server is first.server
    assert processes.killed == []


async def test_a_server_that_left_a_request_waiting_is_started_anew(bare: Bare, processes: Processes) -> None:
    """It may be blocked for good, which is no fault of what is judged next; another server is left alone."""
    other = await bare.visit(BARE_WSGI)
    stuck = await bare.visit(PROJECT_WSGI)
    stuck.history.events.append(Event(at=1, kind=Kind.NO_RESPONSE, worker=stuck.server.name))

    fresh = await bare.visit(PROJECT_WSGI)

    assert fresh.server is not stuck.server
    assert processes.killed == [stuck.server.name]
    assert (await bare.visit(BARE_WSGI)).server is other.server
    assert (await bare.visit(PROJECT_WSGI)).server is fresh.server
