"""The HTTP client: one TCP connection, on which requests are written as they are given, byte by byte if need be.

It reads an answer piece by piece, as the server sends it, and keeps the connection as long as the server does. What is
asked of a server here no library would ask: half a handshake, a protocol that the server does not speak.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Self

UPGRADE: Mapping[str, str] = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",  # RFC 6455 1.3
    "Sec-WebSocket-Version": "13",
}
"""The headers with which a GET asks for a WebSocket, all of those that it takes."""

NO_BODY = frozenset({101, 204, 304})


class NoAnswer(Exception):  # noqa: N818 -- what the server did, not what we did wrong
    """The connection ended before a whole answer came, or what came is no HTTP/1 answer; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The beginning of an answer; the names of its headers in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpConnection:
    """One TCP connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    @contextlib.asynccontextmanager
    async def to(cls, host: str, port: int) -> AsyncIterator[Self]:
        """Connect; close the connection on leaving."""
        reader, writer = await asyncio.open_connection(host, port)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    @property
    def address(self) -> tuple[str, int]:
        """Our own end of the connection."""
        host, port = self._writer.get_extra_info("sockname")[:2]
        return host, port

    async def send(self, raw: bytes) -> None:
        """Send bytes as they are; where the server has ended the connection, the answer will tell."""
        self._writer.write(raw)

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[Head, bytes]:
        """Send a request and return its answer, head and whole body; raise :class:`NoAnswer` where none comes."""
        head = await self.begin(method, path, headers=headers, body=body)
        return head, b"".join([piece async for piece in self.pieces(head)])

    async def begin(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Head:
        """Send a request and return the head of its answer; raise :class:`NoAnswer` where none comes."""
        lines = {"Host": "localhost", **({"Content-Length": str(len(body))} if body else {}), **(headers or {})}
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        await self.send(f"{method} {path} HTTP/1.1\r\n{text}\r\n".encode("latin-1") + body)
        return await self.head()

    async def head(self) -> Head:
        """Read the head of an answer; raise :class:`NoAnswer` where there is none."""
        try:
            first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError) as end:
            raise NoAnswer("the connection ended without an answer") from end
        protocol, _, rest = first.partition(" ")
        status = rest.partition(" ")[0]
        if not (protocol.startswith("HTTP/1.") and status.isdigit()):
            raise NoAnswer(f"what came is no answer of HTTP/1: {first[:40]!r}")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return Head(status=int(status), headers=headers)

    async def pieces(self, head: Head) -> AsyncIterator[bytes]:
        """Yield the body of an answer, each piece as soon as it comes; raise :class:`NoAnswer` where it is cut off."""
        try:
            if head.status in NO_BODY:
                return
            if "chunked" in head.headers.get("transfer-encoding", ""):
                while size := int((await self._reader.readuntil(b"\r\n")).partition(b";")[0], 16):
                    yield (await self._reader.readexactly(size + 2))[:-2]
                await self._reader.readuntil(b"\r\n")
            elif "content-length" in head.headers:
                yield await self._reader.readexactly(int(head.headers["content-length"]))
            else:
                while piece := await self._reader.read(65536):
                    yield piece
        except (asyncio.IncompleteReadError, OSError) as end:
            raise NoAnswer("the connection ended in the middle of an answer") from end
