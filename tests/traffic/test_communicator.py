"""The in-process client keeps the stock verbs and behaves as a server does. One test a mend."""

from __future__ import annotations

import asyncio
from typing import Any

import channels.db
import pytest
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.testing import WebsocketCommunicator

from channels_conformance.traffic.client import Accepted, Closed, ConnectionLost, Refused, Unanswered
from channels_conformance.traffic.communicator import WebsocketClient
from channels_conformance.traffic.in_process import InProcessClient
from tests.traffic.recorder import Recorder

pytestmark = pytest.mark.asyncio


class Echo(AsyncWebsocketConsumer):
    """An ordinary consumer."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Say it back."""
        await self.send(text_data=text_data, bytes_data=bytes_data)


async def test_the_stock_verbs_work_on_a_consumer() -> None:
    """Whoever knows WebsocketCommunicator can use the client without reading anything."""
    client = WebsocketClient(Echo.as_asgi(), "/echo")
    assert isinstance(client, WebsocketCommunicator)

    assert await client.connect() == (True, None)
    await client.send_to("hi")
    assert await client.receive_from() == "hi"
    await client.send_json_to({"a": [1]})
    assert await client.receive_json_from() == {"a": [1]}
    await client.send_to(bytes_data=b"\0")
    assert await client.receive_from() == b"\0"
    await client.disconnect()

    assert not client.violations


async def test_close_old_connections_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a consumer does about its database connections is not switched off."""
    closed: list[bool] = []
    monkeypatch.setattr(channels.db, "close_old_connections", lambda: closed.append(True))
    client = WebsocketClient(Echo.as_asgi(), "/")

    await client.connect()
    await client.disconnect()

    assert closed


@pytest.mark.parametrize("payload", ["", b""])
async def test_empty_frames_are_sent(payload: str | bytes) -> None:
    """An empty frame of either kind reaches the application and comes back."""
    client = InProcessClient(WebsocketClient(Recorder(), "/"))
    await client.open(1)

    await client.send(payload)

    assert await client.receive() == payload


@pytest.mark.parametrize("arguments", [{}, {"text_data": "a", "bytes_data": b"a"}])
async def test_a_frame_has_exactly_one_payload(arguments: dict[str, Any]) -> None:
    """A frame of no payload or of two is refused with a sentence that says what to write."""
    client = WebsocketClient(Recorder(), "/")

    with pytest.raises(ValueError, match="write exactly one of text_data and bytes_data"):
        await client.send_to(**arguments)


async def test_a_receive_that_times_out_does_no_harm() -> None:
    """The application runs on, and what it says next is received."""
    client = WebsocketClient(Recorder(), "/")
    await client.connect()

    with pytest.raises(TimeoutError):
        await client.receive_from(timeout=0)
    await client.send_to("still there")

    assert await client.receive_from() == "still there"


async def test_receive_nothing_keeps_what_it_saw() -> None:
    """An event that receive_nothing() came upon is still there to be received."""
    client = WebsocketClient(Recorder(), "/")
    await client.connect()
    assert await client.receive_nothing(timeout=0)

    await client.send_to("hi")

    assert not await client.receive_nothing(timeout=1)
    assert await client.receive_from() == "hi"


async def test_the_scope_is_whole() -> None:
    """The application is given everything that a server gives it."""
    app = Recorder({"type": "websocket.accept", "subprotocol": "b"})
    client = WebsocketClient(
        app,
        "chat/caf%C3%A9 大/?a=1",
        [(b"X-Tag", b"1"), (b"x-tag", b"2")],
        ["a", "b"],
        cookies={"sessionid": "x", "csrftoken": "y"},
        origin="https://example.org",
        query={"q": "é"},
        root_path="/sub",
    )

    assert await client.connect() == (True, "b")

    assert app.scope == {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/chat/café 大/",
        "raw_path": b"/chat/caf%C3%A9%20%E5%A4%A7/",
        "query_string": b"a=1&q=%C3%A9",
        "root_path": "/sub",
        "headers": [
            (b"host", b"testserver"),
            (b"x-tag", b"1"),
            (b"x-tag", b"2"),
            (b"origin", b"https://example.org"),
            (b"cookie", b"sessionid=x; csrftoken=y"),
        ],
        "client": ["127.0.0.1", 50000],
        "server": ["testserver", 80],
        "subprotocols": ["a", "b"],
        "extensions": {"websocket.http.response": {}},
    }


async def test_sending_needs_an_open_connection() -> None:
    """A frame before the handshake is a mistake of the test, and is told to it."""
    client = WebsocketClient(Recorder(), "/")

    with pytest.raises(RuntimeError, match="await connect"):
        await client.send_to("hi")


async def test_the_players_face_says_how_a_handshake_ended() -> None:
    """A handshake is accepted, refused with a status and the application's code, or unanswered."""

    async def silent(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await receive()

    def client(application: Any) -> InProcessClient:
        return InProcessClient(WebsocketClient(application, "/", subprotocols=["v1"]))

    assert await client(Recorder({"type": "websocket.accept", "subprotocol": "v1"})).open(1) == Accepted("v1")
    assert await client(Recorder({"type": "websocket.close", "code": 4001})).open(1) == Refused(403, 4001)
    assert await client(silent).open(0) == Unanswered("no answer within 0 s")


async def test_the_players_face_ends_with_closed() -> None:
    """receive() raises Closed with the code at the end, every time, also into a receive that waits already."""
    client = InProcessClient(WebsocketClient(Recorder(), "/"))
    await client.open(1)
    waiting = asyncio.create_task(client.receive())

    await client.ping()
    await client.close(None)

    with pytest.raises(Closed, match="1005"):
        await waiting
    with pytest.raises(Closed, match="1005"):
        await client.receive()
    with pytest.raises(ConnectionLost):
        await client.send("hi")
    with pytest.raises(RuntimeError, match="a client opens once"):
        await client.open(1)
