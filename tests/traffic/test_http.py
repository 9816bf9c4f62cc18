"""The HTTP client, and the proxy: bytes as they are given, pieces as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest

from channels_conformance.traffic.http import HttpConnection, NoAnswer
from channels_conformance.traffic.relay import Relay

pytestmark = pytest.mark.asyncio

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[int]:
    """Serve each connection; yield the port, and wait in the end until every connection has been served."""
    serving: list[asyncio.Future[None]] = []

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.ensure_future(serve(reader, writer)))

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*serving)


@asynccontextmanager
async def served(*answers: bytes, end: bool = False) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Answer each request with the next of these bytes; yield the port, and the heads of what was asked."""
    asked: list[bytes] = []
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while left:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(left.pop(0))
        if not end:
            await reader.read()
        writer.close()

    async with listening(serve) as port:
        yield port, asked


async def test_one_connection_asks_twice() -> None:
    """An answer of a known length leaves the connection to the next request."""
    one, two = (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: b\r\n\r\n" + body for body in (b"one", b"two"))
    async with served(one, two) as (port, asked), HttpConnection.to("127.0.0.1", port) as connection:
        head, first = await connection.ask("GET", "/a", headers={"X": "1"})
        _, second = await connection.ask("POST", "/b", body=b"")

    assert (head.status, head.headers["x-a"], first, second) == (200, "b", b"one", b"two")
    assert asked[0] == b"GET /a HTTP/1.1\r\nHost: localhost\r\nX: 1\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        CHUNKED + b"3\r\none\r\n4;a=b\r\n two\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\none two",
        b"HTTP/1.0 200 OK\r\nContent-Length: 7\r\n\r\none two",
    ],
    ids=["chunked", "until the end", "of a length"],
)
async def test_each_kind_of_body_is_read_to_its_end(answer: bytes) -> None:
    """A body ends with its last chunk, with its length, or with the connection."""
    async with served(answer, end=True) as (port, _), HttpConnection.to("127.0.0.1", port) as connection:
        assert (await connection.ask("GET", "/"))[1] == b"one two"


async def test_a_piece_is_there_before_the_next_is_sent() -> None:
    """A stream can be read as it is made."""
    go_on = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(CHUNKED + b"3\r\none\r\n")
        await go_on.wait()
        writer.write(b"3\r\ntwo\r\n0\r\n\r\n")
        writer.close()

    async with (
        listening(serve) as port,
        HttpConnection.to("127.0.0.1", port) as connection,
    ):
        got = []
        async for piece in connection.pieces(await connection.begin("GET", "/")):
            got.append(piece)
            go_on.set()

    assert got == [b"one", b"two"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "ended without an answer"),
        (b"\0\0\0\4\0\0\0\0\0\r\n\r\n", "no answer of HTTP/1"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\none", "in the middle of an answer"),
        (CHUNKED + b"3\r\non", "in the middle of an answer"),
        (CHUNKED + b"3\r\none\r\n", "in the middle of an answer"),
    ],
)
async def test_half_an_answer_is_none(answer: bytes, words: str) -> None:
    """What is no whole answer of HTTP/1 is said to be none."""
    async with served(answer, end=True) as (port, _), HttpConnection.to("127.0.0.1", port) as connection:
        with pytest.raises(NoAnswer, match=words):
            await connection.ask("GET", "/")


async def test_an_answer_without_a_body_is_not_waited_for() -> None:
    """After 101 and 204 comes nothing that would belong to the answer."""
    async with (
        served(b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 101 Switching\r\n\r\n") as (port, _),
        HttpConnection.to("127.0.0.1", port) as connection,
    ):
        statuses = [(await connection.ask("GET", "/"))[0].status for _ in range(2)]

    assert statuses == [204, 101]


async def test_a_proxy_passes_on_what_comes_from_an_address_of_its_own() -> None:
    """The server sees the proxy's address, and the client gets the server's answer."""
    seen: list[tuple[str, int]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        seen.append(writer.get_extra_info("peername")[:2])
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await reader.read()
        writer.close()

    async with (
        listening(serve) as port,
        Relay("127.0.0.1", port) as relay,
        HttpConnection.to(relay.host, relay.port) as connection,
    ):
        head, _ = await connection.ask("GET", "/")
        assert connection.address != relay.address

    assert (head.status, seen) == (204, [relay.address])
