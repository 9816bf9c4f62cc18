"""Clients that cost little themselves: the wire's own bytes, with no library between."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from channels_conformance.services.servers import Server

TEXT = "x" * 32
PING, PONG = 0x89, 0x8A  # a server that gets no answer to its pings takes the client for dead
SHORT = 126  # payloads below it have their length in one byte


class Socket:
    """A WebSocket that sends texts of less than 126 bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, server: Server, path: str) -> Socket:
        """Open a connection; raise AssertionError where the handshake is refused."""
        reader, writer = await asyncio.open_connection(server.host, server.port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head.partition(b"\r\n")[0], head
        return cls(reader, writer)

    def send(self, text: str) -> None:
        """Send a text; a mask of zeros is a mask."""
        data = text.encode()
        assert len(data) < SHORT
        self._writer.write(bytes((0x81, 0x80 | len(data), 0, 0, 0, 0)) + data)

    async def receive(self) -> str:
        """Return the next text."""
        while True:
            head = await self._reader.readexactly(2)
            data = await self._reader.readexactly(head[1])
            if head[0] == 0x81:
                return data.decode()
            assert head[0] == PING, head
            self._writer.write(bytes((PONG, 0x80 | len(data), 0, 0, 0, 0)) + data)

    def close(self) -> None:
        """Drop the connection."""
        self._writer.transport.abort()


class Page:
    """A connection over which pages are asked for, one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, server: Server) -> Page:
        """Open a connection."""
        return cls(*await asyncio.open_connection(server.host, server.port))

    async def get(self, path: str) -> bytes:
        """Return the body of a page; raise AssertionError where its status is not 200."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert head.startswith("http/1.1 200"), head
        if "chunked" in head:
            body = b""
            while size := int(await self._reader.readline(), 16):
                body += (await self._reader.readexactly(size + 2))[:-2]
            await self._reader.readline()
            return body
        return await self._reader.readexactly(int(head.partition("content-length:")[2].split()[0]))

    def close(self) -> None:
        """Drop the connection."""
        self._writer.transport.abort()


async def state(server: Server) -> dict[str, Any]:
    """Ask a server what its process takes."""
    page = await Page.open(server)
    try:
        found: dict[str, Any] = json.loads(await page.get("/state/"))
    finally:
        page.close()
    return found
