"""What is reported of handlers and tasks, and that neither instrument changes what a consumer does."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from channels.consumer import AsyncConsumer, SyncConsumer
from channels.exceptions import StopConsumer

from channels_conformance.history import Kind
from channels_conformance.subject import handlers, tasks
from channels_conformance.subject.tap import connection


class Recorder:
    """Keeps what is reported, and tells when the tasks were."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.told = asyncio.Event()

    def report(self, kind: Kind, **event: Any) -> None:
        """Keep one event."""
        self.events.append({"kind": kind, **event})
        if kind is Kind.TASKS_LEFT:
            self.told.set()


class Consumer(AsyncConsumer):
    """Starts what its first event asks for, and ends when told."""

    channel_layer_alias = "none"

    async def websocket_connect(self, event: Any) -> None:
        """Start what the class says."""
        self.tasks = [asyncio.create_task(wait()) for wait in self.waits]

    waits: tuple[Any, ...] = ()

    async def websocket_disconnect(self, event: Any) -> None:
        """End."""
        raise StopConsumer

    async def said(self, event: Any) -> str:
        """Handle an event."""
        return "handled"


class Plain(SyncConsumer):
    """Does nothing."""


@pytest.fixture
def recorder() -> Recorder:
    """Return where reports go."""
    return Recorder()


@pytest.mark.asyncio
async def test_the_handler_of_each_type_is_told_once(recorder: Recorder) -> None:
    """The method that a type leads to is named once, also where there is none; the server's messages are not events."""
    consumer: Any = Consumer()
    dispatched = []

    async def dispatch(message: Any) -> None:
        dispatched.append(message["type"])

    consumer.dispatch = dispatch
    handlers.watch_handlers(consumer, recorder)

    for kind in ("said", "said", "un.heard", "_said", "websocket.connect"):
        await consumer.dispatch({"type": kind})

    assert dispatched == ["said", "said", "un.heard", "_said", "websocket.connect"]
    assert [(event["marker"], event["detail"]) for event in recorder.events] == [
        ("said", f"{__name__}.Consumer.said"),
        ("un.heard", ""),
        ("_said", ""),
    ]


@pytest.mark.asyncio
async def test_a_message_without_a_type_is_handed_on(recorder: Recorder) -> None:
    """What Channels is to raise for is Channels' to raise."""
    consumer: Any = Consumer()
    handlers.watch_handlers(consumer, recorder)

    with pytest.raises(ValueError, match="no 'type'"):
        await consumer.dispatch({})

    assert recorder.events == []


@pytest.mark.asyncio
async def test_the_probe_can_be_run_by_consumers_of_both_kinds(recorder: Recorder) -> None:
    """Whoever names the probe runs it, awaited or not, and it is told."""
    for made in (Consumer(), Plain()):
        consumer: Any = made
        handlers.watch_handlers(consumer, recorder)
    awaited: Any = Consumer()
    handlers.watch_handlers(awaited, recorder)

    assert await getattr(awaited, handlers.PROBE)({"type": "x"}) is None
    assert getattr(consumer, handlers.PROBE)() is None

    assert [event["kind"] for event in recorder.events] == [Kind.PROBED, Kind.PROBED]


async def play(waits: tuple[Any, ...], recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Serve one connection of a consumer that starts these, and return what was told of its tasks."""
    monkeypatch.setattr(AsyncConsumer, "__call__", AsyncConsumer.__call__)  # put back when the test is over
    monkeypatch.setattr("channels.consumer.get_channel_layer", lambda alias: None)
    monkeypatch.setattr(tasks, "SETTLES", 0.05)
    tasks.watch_tasks(recorder)
    messages: list[Any] = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
    consumer: Any = Consumer()
    consumer.waits = waits

    async def receive() -> Any:
        return messages.pop(0) if messages else await asyncio.Event().wait()

    async def serve() -> None:
        connection.set("play/alice#1")
        await consumer({"type": "websocket"}, receive, None)

    try:
        await asyncio.create_task(serve())
        await recorder.told.wait()
    finally:
        for task in consumer.tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        asyncio.get_running_loop().set_task_factory(None)
    (told,) = recorder.events
    return told


async def forever() -> None:
    """Never end."""
    await asyncio.Event().wait()


async def at_once() -> None:
    """End as soon as the loop comes round."""
    await asyncio.sleep(0)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("waits", "left", "names"), [((), 0, ""), ((at_once,), 0, ""), ((forever, at_once, forever), 2, "forever, forever")]
)
async def test_tasks_that_outlive_their_consumer_are_told(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, waits: tuple[Any, ...], left: int, names: str
) -> None:
    """Of the tasks that a consumer started, those that still run once it has ended are counted and named."""
    told = await play(waits, recorder, monkeypatch)

    assert told == {"kind": Kind.TASKS_LEFT, "connection": "play/alice#1", "code": left, "detail": names}
