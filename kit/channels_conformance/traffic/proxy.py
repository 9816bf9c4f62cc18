"""A proxy, as far as addresses go: whatever comes is passed on over a connection of its own, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Proxy:
    """A proxy in front of one server."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._passing: set[asyncio.Task[None]] = set()
        self.host, self.port = "127.0.0.1", 0
        self.address: tuple[str, int] = ("", 0)
        """Its own end of the last connection that it made to the server."""

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection, and pass on what comes until either side ends it."""
        self._passing.add(asyncio.create_task(self._pass_on(reader, writer), name="proxy"))

    async def end(self) -> None:
        """End every connection that is still open."""
        for passing in self._passing:
            passing.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._server)
        self.address = there_writer.get_extra_info("sockname")[:2]
        ways = [asyncio.create_task(_copy(reader, there_writer)), asyncio.create_task(_copy(there_reader, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            there_writer.close()
            writer.close()


@contextlib.asynccontextmanager
async def proxied(host: str, port: int) -> AsyncIterator[Proxy]:
    """Have a proxy in front of a server."""
    proxy = Proxy(host, port)
    async with await asyncio.start_server(proxy.take, proxy.host, 0) as listening:
        proxy.port = listening.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            await proxy.end()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
