"""A program of its own: a tiny project under every instrument. It prints what was reported, a list for each scenario.

Instruments change a process for good, so they are never put in place in the process of the tests.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)

import django  # noqa: E402 -- the settings come first

django.setup()

from channels.consumer import AsyncConsumer  # noqa: E402
from channels.db import database_sync_to_async  # noqa: E402
from channels.exceptions import StopConsumer  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from django.core.exceptions import SynchronousOnlyOperation  # noqa: E402
from django.db import connection as database  # noqa: E402

from channels_conformance.history import Kind  # noqa: E402
from channels_conformance.subject import instruments  # noqa: E402
from channels_conformance.subject.tap import HEADER, Message, Tap  # noqa: E402

PATIENCE = 30.0  # seconds of blocking after which an instrument has failed to notice
LONG = 0.6  # seconds; 0.3 are enough to be accused


class Recorder:
    """Keeps what is reported, and tells when the loop was accused."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.accused = threading.Event()

    def report(self, kind: Kind, **event: Any) -> None:
        """Keep one event."""
        self.events.append({"kind": kind.value, **event})
        if kind is Kind.LOOP_BLOCKED:
            self.accused.set()


recorder = Recorder()


def query() -> int:
    """Ask the database something."""
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
        return int(cursor.fetchone()[0])


class Consumer(AsyncWebsocketConsumer):
    """Does what the scenario says with every frame."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Do it."""
        await SCENARIOS[str(text_data)](self)

    async def shared(self, event: dict[str, Any]) -> None:
        """Spoil an event for the other handlers."""
        event["body"]["text"] = "changed"
        await self.close()

    async def untouched(self, event: dict[str, Any]) -> None:
        """Leave an event as it is."""
        await self.close()

    async def disconnect(self, close_code: int) -> None:
        """Call the disconnect of the base class, as many do."""
        await super().disconnect(close_code)


class SyncConsumer(WebsocketConsumer):
    """Asks the database on the thread that Channels gives it."""

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Ask the database."""
        query()

    def disconnect(self, code: int) -> None:
        """Do nothing; it is counted."""


class RawConsumer(AsyncConsumer):
    """Has no disconnect(): it takes events as they come."""

    async def websocket_connect(self, event: Any) -> None:
        """Do nothing."""

    async def websocket_receive(self, event: Any) -> None:
        """Do nothing."""

    async def websocket_disconnect(self, event: Any) -> None:
        """End, as a raw consumer must by itself."""
        raise StopConsumer


async def queries_on_a_thread(consumer: Consumer) -> None:
    """Ask the database as Channels teaches."""
    await database_sync_to_async(query)()


async def queries_on_the_loop(consumer: Consumer) -> None:
    """Ask the database on the loop, where Django was told to allow it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        query()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


async def swallows_the_refusal(consumer: Consumer) -> None:
    """Ask the database on the loop, and hide that Django refused."""
    try:
        query()
    except SynchronousOnlyOperation:
        return
    raise AssertionError("Django did not refuse")


async def forgets_an_await(consumer: Consumer) -> None:
    """Call a coroutine function and drop what it returns."""
    consumer.send(text_data="never sent")  # type: ignore[unused-coroutine]  # the very fault


async def changes_an_event(consumer: Consumer) -> None:
    """Send itself an event that its handler changes."""
    layer: Any = get_channel_layer()
    await layer.send(consumer.channel_name, {"type": "shared", "body": {"text": "as sent"}})


async def keeps_an_event(consumer: Consumer) -> None:
    """Send itself an event that its handler leaves alone."""
    layer: Any = get_channel_layer()
    await layer.send(consumer.channel_name, {"type": "untouched", "body": {}})


async def sleeps_on_the_loop(consumer: Consumer) -> None:
    """Sleep on the loop until it is noticed."""
    until = time.monotonic() + PATIENCE
    while not recorder.accused.is_set() and time.monotonic() < until:
        time.sleep(LONG)  # noqa: ASYNC251 -- the very fault


async def computes_on_the_loop(consumer: Consumer) -> None:
    """Compute on the loop until it is noticed."""
    until = time.monotonic() + PATIENCE
    while not recorder.accused.is_set() and time.monotonic() < until:
        sum(number * number for number in range(1000))


async def awaits(consumer: Consumer) -> None:
    """Wait as one should."""
    await asyncio.sleep(LONG)


async def computes_on_a_thread(consumer: Consumer) -> None:
    """Compute on a thread, which leaves the loop free though it takes the interpreter."""

    def compute() -> None:
        while time.thread_time() < LONG:
            sum(number * number for number in range(1000))

    await asyncio.to_thread(compute)


async def does_nothing(consumer: Consumer) -> None:
    """Be the last frame of a play."""


SCENARIOS: dict[str, Callable[[Consumer], Awaitable[None]]] = {
    scenario.__name__: scenario
    for scenario in (
        queries_on_a_thread,
        queries_on_the_loop,
        swallows_the_refusal,
        forgets_an_await,
        changes_an_event,
        keeps_an_event,
        sleeps_on_the_loop,
        computes_on_the_loop,
        awaits,
        computes_on_a_thread,
        does_nothing,
    )
}


async def play(application: Any, key: str, frame: str, code: int | None = 1000) -> None:
    """Connect, send one frame, and leave; an application that ends by itself is left to."""
    messages: list[dict[str, Any]] = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": frame}]
    closed = asyncio.Event()

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        if "event" in frame:
            await closed.wait()
        return {"type": "websocket.disconnect", "code": code}

    async def send(message: Message) -> None:
        if message["type"] == "websocket.close":
            closed.set()

    headers = [(HEADER.encode(), key.encode())] if key else []
    await Tap(application, recorder)({"type": "websocket", "headers": headers}, receive, send)


async def consumers() -> dict[str, Any]:
    """Play what the instruments of consumers, coroutines and the database see."""
    told: dict[str, Any] = {}
    for name in list(SCENARIOS)[:6]:
        await asyncio.create_task(play(Consumer.as_asgi(), name, name, 4123))
        told[name] = [event for event in recorder.events if event.get("connection") == name]
    await asyncio.create_task(play(SyncConsumer.as_asgi(), "sync", "query", None))
    await asyncio.create_task(play(RawConsumer.as_asgi(), "raw", "nothing", 4001))
    await asyncio.create_task(play(Consumer.as_asgi(), "", "queries_on_a_thread"))
    told["sync"] = [event for event in recorder.events if event.get("connection") == "sync"]
    told["raw"] = [event for event in recorder.events if event.get("connection") == "raw"]
    told["unnamed"] = [event for event in recorder.events if not event.get("connection")]

    async def reused(scope: Any, receive: Any, send: Any) -> None:
        await consumer(scope, receive, send)

    consumer: Any = Consumer()
    for key in ("first", "second"):
        await asyncio.create_task(play(reused, key, "does_nothing"))
    told["reused"] = [event for event in recorder.events if event.get("connection") in ("first", "second")]
    return told


def loops() -> dict[str, Any]:
    """Play what the instrument of the loop sees, one after another on one loop."""
    told: dict[str, Any] = {}
    loop = asyncio.new_event_loop()
    names = ("awaits", "computes_on_a_thread", "between", "sleeps_on_the_loop", "computes_on_the_loop", "is_not_woken")
    for name in names:
        recorder.events.clear()
        recorder.accused.clear()
        if name == "between":
            threading.Event().wait(LONG)  # nobody runs the loop meanwhile
        elif name == "is_not_woken":
            loop.call_soon_threadsafe = lambda *_, **__: None  # type: ignore[method-assign, assignment]
            loop.run_until_complete(asyncio.sleep(LONG))
        else:
            loop.run_until_complete(play(Consumer.as_asgi(), name, name))
        told[name] = [event for event in recorder.events if event["kind"] == Kind.LOOP_BLOCKED]
    loop.close()
    return told


if __name__ == "__main__":
    instruments.install(recorder)
    instruments.watch_database(recorder)
    sys.stdout.write(json.dumps(asyncio.run(consumers()) if sys.argv[1] == "consumers" else loops()))
