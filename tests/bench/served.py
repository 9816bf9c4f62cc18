"""The application that the benchmarks have served: the same small things, bare, by Django and by Channels."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings

_HOST = {"address": os.environ.get("BENCH_REDIS"), "socket_timeout": None}
_LAYER = {
    "BACKEND": "channels_redis.core.RedisChannelLayer",
    "CONFIG": {"hosts": [_HOST], "prefix": os.environ.get("BENCH_PREFIX", "")},
}

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.bench.served",
        CHANNEL_LAYERS={"default": _LAYER} if "BENCH_REDIS" in os.environ else {},
        SECRET_KEY="of no use",
    )

import django  # noqa: E402 -- the settings come first

django.setup()

from channels.generic.http import AsyncHttpConsumer  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

GROUP = "bench"
_released = asyncio.Event()
_waiting = 0
_event_at = 0.0
_handler_threads: set[int] = set()


class AsyncEcho(AsyncWebsocketConsumer):
    """Says back what it hears."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Say it back."""
        _handler_threads.add(threading.get_ident())
        await self.send(text_data=text_data)


class SyncEcho(WebsocketConsumer):
    """Does the same in a thread."""

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Say it back."""
        _handler_threads.add(threading.get_ident())
        self.send(text_data=text_data)


class Listener(AsyncWebsocketConsumer):
    """Tells its client what its group is told."""

    groups = [GROUP]  # noqa: RUF012 -- as Channels has it

    async def bench_told(self, event: dict[str, Any]) -> None:
        """Tell the client."""
        await self.send(text_data=event["text"])


async def bare_echo(scope: Any, receive: Any, send: Any) -> None:
    """Say back what is heard, with nothing between."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


async def bare_page(scope: Any, receive: Any, send: Any) -> None:
    """Answer ok."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


async def _long_poll() -> None:
    global _waiting
    _waiting += 1
    await _released.wait()
    _waiting -= 1


class Poll(AsyncHttpConsumer):
    """A long poll as Channels has it."""

    async def handle(self, body: bytes) -> None:
        """Answer once there is something to tell."""
        await _long_poll()
        await self.send_response(200, b"ok")


async def poll(request: HttpRequest) -> HttpResponse:
    """Answer once there is something to tell: a long poll as Django has it."""
    await _long_poll()
    return HttpResponse("ok")


def page(request: HttpRequest) -> HttpResponse:
    """Answer ok."""
    return HttpResponse("ok", content_type="text/plain")


def news(request: HttpRequest) -> JsonResponse:
    """Answer when the last event was: what a poller asks for."""
    return JsonResponse({"at": _event_at})


async def push(request: HttpRequest) -> HttpResponse:
    """Bring about an event: whoever polls will find it, whoever listens is told."""
    global _event_at
    _event_at = time.monotonic()
    await get_channel_layer().group_send(GROUP, {"type": "bench.told", "text": str(_event_at)})  # type: ignore[union-attr]
    return HttpResponse("ok")


async def release(request: HttpRequest) -> HttpResponse:
    """Let all long polls end, and the next ones wait anew."""
    global _released
    _released.set()
    _released = asyncio.Event()
    return HttpResponse("ok")


def _threads() -> int:
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def state(scope: Any, receive: Any, send: Any) -> None:
    """Answer what the process takes: threads, resident memory, threads that handled frames, polls that wait."""
    told = {"threads": _threads(), "memory": _resident(), "waiting": _waiting}
    body = json.dumps({**told, "handlers": len(_handler_threads)}).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


urlpatterns = [
    path("page/", page),
    path("poll/", poll),
    path("news/", news),
    path("push/", push),
    path("release/", release),
]
_django: Any = get_asgi_application()


async def http(scope: Any, receive: Any, send: Any) -> None:
    """Have a request answered by whoever it is for."""
    bare: dict[str, Any] = {"/bare/": bare_page, "/state/": state, "/poll-consumer/": Poll.as_asgi()}
    await bare.get(scope["path"], _django)(scope, receive, send)


_routes: list[Any] = [
    path("async/", AsyncEcho.as_asgi()),  # type: ignore[arg-type]
    path("sync/", SyncEcho.as_asgi()),  # type: ignore[arg-type]
    path("listen/", Listener.as_asgi()),  # type: ignore[arg-type]
    path("bare/", bare_echo),  # type: ignore[arg-type]
]
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(_routes)})
