"""HTTP as a spec plays it: what was asked and answered, told and heard, is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from channels_conformance.checks import streamed, whole
from channels_conformance.history import History, Kind
from channels_conformance.subject.http_play import END, HttpPlay
from channels_conformance.traffic import patience

pytestmark = pytest.mark.asyncio

DONE = b"HTTP/1.1 204 No Content\r\n\r\n"


@asynccontextmanager
async def feed(*, silent: bool = False) -> AsyncIterator[Any]:
    """Serve a feed as the reference app's bare applications do; a silent one sends nothing before its end."""
    told: list[bytes] = []
    changed, over = asyncio.Condition(), asyncio.Event()
    serving: list[asyncio.Future[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method = (await reader.readuntil(b"\r\n\r\n")).partition(b" ")[0]
        if method == b"GET":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n: here it begins\n\n")
            seen = 0
            while not over.is_set() or seen < len(told):
                async with changed:
                    while not over.is_set() and (silent or len(told) == seen):
                        await changed.wait()
                for text in told[seen:]:
                    writer.write(b"data: " + text + b"\n\n")
                seen = len(told)
        else:
            text = b"".join([await reader.readuntil(b"~") for _ in range(2)]) if method == b"POST" else b""
            async with changed:
                told.extend([text] if text else [])
                if method == b"DELETE":
                    over.set()
                changed.notify_all()
            writer.write(DONE)
        writer.close()

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.ensure_future(serve(reader, writer)))

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield SimpleNamespace(name="feeds", host=host, port=port)
        await asyncio.gather(*serving)


async def test_a_stream_that_goes_on_is_followed() -> None:
    """Each event is heard before the next is told, and so before the end is asked for."""
    histories: list[History] = []
    async with feed() as server, HttpPlay(server, histories) as play:
        await play.follow(play.stream("/feeds/"), events=3)

    (history,) = histories
    assert len(history.of(Kind.RECEIVED)) == 3
    assert [check(history) for check in whole if check(history)] == []
    assert streamed(history, until=END) == []


async def test_a_stream_that_is_held_back_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first event is not heard, the stream is ended, and what comes then comes too late."""
    monkeypatch.setattr(patience, "deadline", 0.3)
    async with feed(silent=True) as server, HttpPlay(server, []) as play:
        await play.follow(play.stream("/feeds/"), events=3)

    assert len(play.history.of(Kind.SAID)) == 1
    assert [finding.anomaly for finding in streamed(play.history, until=END)] == ["late"]


async def test_what_an_answer_tells_is_recorded_where_it_does() -> None:
    """A fact is recorded under the name it is given; one that is not told is not."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"a": "one"}')
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        host, port = listening.sockets[0].getsockname()
        server: Any = SimpleNamespace(name="facts", host=host, port=port)
        async with HttpPlay(server, []) as play:
            await play.ask("the page", tells={"a": "the first", "b": "the second"})

    (told,) = play.history.of(Kind.TOLD)
    (answer,) = play.history.of(Kind.RESPONDED)
    assert (told.marker, told.text) == ("the first", "one")
    assert (answer.marker, answer.code, answer.detail) == ("the page", 200, "application/json")


async def test_who_does_not_answer_is_recorded(unused_tcp_port: int) -> None:
    """A connection that is refused is why there is no answer."""
    server: Any = SimpleNamespace(name="nobody", host="127.0.0.1", port=unused_tcp_port)
    async with HttpPlay(server, []) as play:
        await play.ask("the page")
        await play.ask_raw("the preface", b"PRI * HTTP/2.0\r\n\r\n")

    assert [event.marker for event in play.history.of(Kind.NO_RESPONSE)] == ["the page", "the preface"]
