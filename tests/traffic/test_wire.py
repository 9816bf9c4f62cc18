"""The client over the wire, against a server in the same loop."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from channels_conformance.traffic.client import Accepted, Closed, ConnectionLost, Refused, Unanswered
from channels_conformance.traffic.wire import WireClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from websockets.http11 import Request, Response

pytestmark = pytest.mark.asyncio


class Peer:
    """A server that echoes; it keeps the request and how each connection ended."""

    def __init__(self) -> None:
        self.url = ""
        self.request: Request | None = None
        self.ended: asyncio.Queue[int | None] = asyncio.Queue()

    async def __call__(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        self.request = connection.request
        try:
            while True:
                message = await connection.recv()
                if message == "close":
                    await connection.close(4001, "asked to")
                elif message == "drop":
                    connection.transport.abort()
                else:
                    await connection.send(message)
        except ConnectionClosed as end:
            await self.ended.put(None if end.rcvd is None else end.rcvd.code)


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[Peer]:
    """Serve a peer on a port of its own."""
    peer = Peer()
    async with serve(peer, "127.0.0.1", 0, max_size=None, **options) as server:
        port = server.sockets[0].getsockname()[1]
        peer.url = f"ws://127.0.0.1:{port}/chat/"
        yield peer


@pytest.mark.parametrize("payload", ["", b"", "hi 大廳", b"\0\xff", "x" * 2**17, b"x" * (2**20 + 1)])
async def test_frames_of_every_kind_and_size_cross(payload: str | bytes) -> None:
    """Text stays text and binary binary, from the empty frame to those beyond the usual limit of 1 MiB."""
    async with serving() as peer:
        client = WireClient(peer.url)
        assert await client.open(5) == Accepted()

        await client.send(payload)

        assert await client.receive() == payload
        await client.ping()
        await client.close(1000)


async def test_the_handshake_is_that_of_a_browser() -> None:
    """It carries an Origin, the cookies, the headers and the subprotocols, offers compression, and quotes the path."""
    async with serving(subprotocols=["v1"]) as peer:
        client = WireClient(
            peer.url + "大廳/?a=1",
            cookies={"sessionid": "x", "csrftoken": "y"},
            headers={"x-conformance-connection": "alice#1"},
            subprotocols=["v1", "v2"],
        )

        assert await client.open(5) == Accepted("v1")
        await client.close()

        request = peer.request
        assert request is not None
        assert request.path == "/chat/%E5%A4%A7%E5%BB%B3/?a=1"
        assert request.headers["Origin"] == peer.url.removesuffix("/chat/").replace("ws://", "http://")
        assert request.headers["Cookie"] == "sessionid=x; csrftoken=y"
        assert request.headers["x-conformance-connection"] == "alice#1"
        assert "permessage-deflate" in request.headers["Sec-WebSocket-Extensions"]


async def test_a_header_can_come_twice() -> None:
    """Headers that are given as pairs are sent in their order, each of them."""
    async with serving() as peer:
        client = WireClient(peer.url, headers=[("x-one", "a"), ("x-two", "b"), ("x-one", "c")])
        await client.open(5)
        await client.close()

        assert peer.request is not None
        sent = [(name, value) for name, value in peer.request.headers.raw_items() if name.startswith("x-")]
        assert sent == [("x-one", "a"), ("x-two", "b"), ("x-one", "c")]


async def test_a_client_can_leave_pings_unanswered() -> None:
    """A server that awaits a pong drops it, though it receives whatever else comes."""
    async with serving(ping_interval=0.05, ping_timeout=0.05) as peer:
        client = WireClient(peer.url, pongs=False)
        assert await client.open(5) == Accepted()

        with pytest.raises(Closed, match="1011"):
            await asyncio.wait_for(client.receive(), 5)


async def test_the_origin_can_be_another_or_left_out() -> None:
    """A foreign Origin, or none at all, is what an attacker or a script would send."""
    async with serving() as peer:
        for options, sent in (
            ({"origin": "https://evil.example"}, "https://evil.example"),
            ({"send_origin": False}, None),
        ):
            client = WireClient(peer.url, **options)
            await client.open(5)
            await client.close()
            assert peer.request is not None
            assert peer.request.headers.get("Origin") == sent


@pytest.mark.parametrize(("code", "told"), [(None, 1005), (1000, 1000), (3000, 3000), (4999, 4999)])
async def test_a_close_carries_its_code_or_none(code: int | None, told: int) -> None:
    """The peer is told the code of the close frame, or sees that it had none; the echo of it ends the client."""
    async with serving() as peer:
        client = WireClient(peer.url)
        await client.open(5)

        await client.close(code)
        await client.close(4000)

        assert await peer.ended.get() == told
        with pytest.raises(Closed) as end:
            await client.receive()
        assert end.value.code == told


async def test_an_abort_sends_no_close_frame() -> None:
    """The peer loses the connection without a close frame, and the client notes 1006."""
    async with serving() as peer:
        client = WireClient(peer.url)
        await client.open(5)

        await client.abort()

        assert await peer.ended.get() is None
        with pytest.raises(Closed) as end:
            await client.receive()
        assert end.value.code == 1006


@pytest.mark.parametrize(("verb", "code", "reason"), [("close", 4001, "asked to"), ("drop", 1006, "")])
async def test_the_peers_end_is_seen(verb: str, code: int, reason: str) -> None:
    """receive() raises Closed with what the peer sent, as often as it is called, and nothing can be sent any more."""
    async with serving() as peer:
        client = WireClient(peer.url)
        await client.open(5)

        await client.send(verb)

        for _ in range(2):
            with pytest.raises(Closed) as end:
                await client.receive()
            assert (end.value.code, end.value.reason) == (code, reason)
        with pytest.raises(ConnectionLost):
            await client.send("hi")
        with pytest.raises(ConnectionLost):
            await client.ping()


@pytest.mark.parametrize("status", [HTTPStatus.FORBIDDEN, HTTPStatus.FOUND, HTTPStatus.INTERNAL_SERVER_ERROR])
async def test_a_refusal_tells_its_status(status: HTTPStatus) -> None:
    """A handshake answered otherwise is refused with the HTTP status; a redirect is not followed."""

    def refuse(connection: ServerConnection, request: Request) -> Response:
        response = connection.respond(status, "")
        response.headers["Location"] = "/elsewhere/"
        return response

    async with serving(process_request=refuse) as peer:
        assert await WireClient(peer.url).open(5) == Refused(status)


async def test_a_handshake_that_nobody_answers_is_unanswered() -> None:
    """Neither silence, nor a dropped connection, nor a closed port is taken for a refusal."""
    connected = asyncio.Event()

    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    async def be_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()

    for handler, deadline in ((drop, 5), (be_silent, 0.05)):
        async with await asyncio.start_server(handler, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            assert isinstance(await WireClient(f"ws://127.0.0.1:{port}/").open(deadline), Unanswered)

    assert connected.is_set()
    assert isinstance(await WireClient(f"ws://127.0.0.1:{port}/").open(5), Unanswered)


async def test_a_client_opens_once() -> None:
    """Who comes back makes a new client; and a client that is not open says so."""
    async with serving() as peer:
        client = WireClient(peer.url)
        with pytest.raises(RuntimeError, match="the connection is not open"):
            await client.send("hi")
        await client.open(5)
        with pytest.raises(RuntimeError, match="a client opens once"):
            await client.open(5)
        await client.abort()


async def test_a_url_of_another_scheme_is_refused() -> None:
    """The error says what to write."""
    with pytest.raises(ValueError, match="write 'ws://host:port/path'"):
        WireClient("http://localhost/")


async def test_a_peer_that_reads_nothing_any_more_keeps_nobody_who_leaves() -> None:
    """The close frame stays unwritten behind what was said before, and the connection is dropped."""
    read = asyncio.Event()

    async def deaf(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await read.wait()

    async with serve(deaf, "127.0.0.1", 0, close_timeout=0) as server:
        client = WireClient(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", close_deadline=0.05)
        await client.open(5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_send_without_end(client), 0.05)

        await client.close(1000)

        with pytest.raises(Closed):
            await client.receive()
        read.set()


async def _send_without_end(client: WireClient) -> None:
    while True:
        await client.send(b"x" * 2**20)
