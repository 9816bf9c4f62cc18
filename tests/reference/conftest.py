"""A user, a layer in memory, and clients of the whole ASGI application."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

SETTINGS = "config.settings"
DEADLINE = 20  # seconds after which what must come is given up as lost

collect_ignore_glob = [] if os.environ.get("DJANGO_SETTINGS_MODULE") == SETTINGS else ["test_*.py"]

if not collect_ignore_glob:
    import json

    from asgiref.sync import sync_to_async
    from channels.testing import WebsocketCommunicator
    from django.contrib.auth import get_user_model
    from django.test import Client


Visit = Callable[..., Awaitable["Visitor"]]
"""Opens a socket: a path, and whose session and which subprotocols it offers."""


class Visitor:
    """A client of one WebSocket."""

    def __init__(self, socket: WebsocketCommunicator) -> None:
        self.socket = socket
        self.accepted = self.gone = False
        self.subprotocol: Any = None

    async def knock(self) -> None:
        """Begin the handshake, and note how it is answered."""
        self.accepted, self.subprotocol = await self.socket.connect(timeout=DEADLINE)

    async def say(self, content: object) -> None:
        """Send JSON."""
        await self.socket.send_to(text_data=json.dumps(content))

    async def next(self) -> Any:
        """Return the next event that the application sends."""
        return await self.socket.receive_output(timeout=DEADLINE)

    async def hears(self) -> Any:
        """Return the JSON of the next frame."""
        return json.loads((await self.next())["text"])

    async def is_closed(self) -> int:
        """Return the code with which the server closes."""
        event = await self.next()
        assert event["type"] == "websocket.close", event
        return int(event["code"])

    async def leaves(self) -> list[Any]:
        """Go, and return what the application had sent besides by the time that it ended; raise what it raised."""
        if not self.gone:
            self.gone = True
            await self.socket.disconnect(timeout=DEADLINE)
        queue = self.socket.output_queue
        return [queue.get_nowait() for _ in range(queue.qsize())]


@asynccontextmanager
async def visitor(path: str, cookie: str, subprotocols: Sequence[str]) -> AsyncIterator[Visitor]:
    """Open a socket, and close it at the end."""
    from config.asgi import application  # not before Django has been set up

    headers = [(b"origin", b"http://localhost"), *([(b"cookie", f"sessionid={cookie}".encode())] if cookie else ())]
    socket = WebsocketCommunicator(application, path, headers=headers, subprotocols=[*subprotocols])
    one = Visitor(socket)
    await one.knock()
    try:
        yield one
    finally:
        await one.leaves()


@pytest.fixture(autouse=True)
def layer(settings: Any) -> None:
    """Have the app talk over a layer in memory."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture
def alice(transactional_db: None) -> Any:
    """Give a user."""
    return get_user_model().objects.create_user("alice")


@pytest.fixture
def browser(alice: Any) -> Client:
    """Give a browser in which she is signed in."""
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
async def visit(transactional_db: None) -> AsyncIterator[Visit]:
    """Give a way to open sockets, which are closed at the end."""
    async with AsyncExitStack() as sockets:

        async def opened(path: str, *, browser: Client | None = None, subprotocols: Sequence[str] = ()) -> Visitor:
            cookie = browser.cookies["sessionid"].value if browser else ""
            return await sockets.enter_async_context(visitor(path, cookie, subprotocols))

        yield opened


@pytest.fixture
def signs_out(browser: Client) -> Callable[[], Awaitable[None]]:
    """Give a way to have her sign out."""
    return sync_to_async(browser.logout)
