"""The network between a client and a server, which can be held up, cut, deaf or encrypted as a play wants it.

A page cannot be told to lose its connection, and a server that is stopped cannot come back on the same port in an
instant. So the page is opened at a relay, which passes on what it is given, byte for byte, until it is told otherwise.
It tells WebSockets from other requests by their first lines, and looks at nothing else.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Self

HOST = "127.0.0.1"
HEAD = b"\r\n\r\n"
ACCEPTED = b"HTTP/1.1 101 "
LONGEST_HEAD = 65536
CHUNK = 65536
NORMAL_DATA = 125  # bytes that a frame's length fits for which no further bytes stand


class Relay:
    """A TCP server that passes on to ``(host, port)``, as an async context manager. With ``tls`` it speaks HTTPS.

    As far as addresses go, it is a proxy that adds no header.
    """

    host = HOST

    def __init__(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        self.target = (host, port)
        """Where new connections are passed on to; it may be changed at any time."""
        self.handshakes = 0
        """How many WebSocket handshakes have come so far, those held up or refused among them."""
        self.accepted = 0
        """How many of them the server has accepted."""
        self.address: tuple[str, int] = ("", 0)
        """Its own end of the last connection that it made to the server."""
        self._tls = tls
        self._open = asyncio.Event()  # to handshakes
        self._open.set()
        self._refusing = False
        self._deaf = False
        self._news = asyncio.Condition()
        self._lines: set[asyncio.StreamWriter] = set()  # both ends of every connection
        self._clients: set[asyncio.StreamWriter] = set()  # the browser's end of every socket that was passed on
        self._closed: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, HOST, 0, ssl=self._tls, limit=LONGEST_HEAD)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        self._abort(self._lines)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def base(self) -> str:
        """The address of the relay: ``http://127.0.0.1:PORT`` or, with TLS, ``https://...``."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}"

    @property
    def port(self) -> int:
        """The port of the relay."""
        if self._server is None:
            raise RuntimeError("the relay is not open: enter it with `async with` first")
        return int(self._server.sockets[0].getsockname()[1])

    # What a play can do

    def hold(self) -> None:
        """Hold up the handshakes that come from now on."""
        self._open.clear()

    def release(self) -> None:
        """Pass on the handshakes that were held up, and those that come."""
        self._open.set()

    def cut(self, *, refuse: bool = False) -> None:
        """Cut every connection; with ``refuse``, also those that come, until :meth:`mend`."""
        self._refusing = refuse
        self._abort(self._lines)

    def mend(self) -> None:
        """Pass on again whatever comes."""
        self._refusing = self._deaf = False

    def deafen(self) -> None:
        """Swallow what browsers send over their sockets from now on, as a line does that has died unnoticed."""
        self._deaf = True

    def inject(self, payload: str | bytes) -> None:
        """Send every socket a frame that no server has sent, text or binary, of at most 125 bytes."""
        self._frame(0x1 if isinstance(payload, str) else 0x2, payload.encode() if isinstance(payload, str) else payload)

    def close(self, code: int) -> None:
        """Close every socket with this code, as a server would; the browser's answer ends the server's side as well."""
        self._frame(0x8, code.to_bytes(2, "big"))
        self._closed |= self._clients  # and hear nothing more, not even the server's own goodbye

    async def until(self, *, handshakes: int = 0, accepted: int = 0) -> None:
        """Return when so many handshakes have come in all, and so many were accepted."""
        async with self._news:
            await self._news.wait_for(lambda: self.handshakes >= handshakes and self.accepted >= accepted)

    # Passing on

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._lines.add(writer)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # one of the two has gone: that is for the other to see
        finally:
            self._lines.discard(writer)
            self._abort([writer])
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            return
        head = await reader.readuntil(HEAD)
        is_socket = b"\r\nupgrade: websocket\r\n" in head.lower()
        if is_socket:
            self.handshakes += 1
            await self._tell()
            await self._open.wait()
        if self._refusing:
            return
        upstream, onward = await asyncio.open_connection(*self.target)
        self.address = onward.get_extra_info("sockname")[:2]
        self._lines.add(onward)
        try:
            onward.write(head)
            if is_socket:
                answer = await upstream.readuntil(HEAD)
                writer.write(answer)
                if answer.startswith(ACCEPTED):
                    self._clients.add(writer)
                    self.accepted += 1
                    await self._tell()
            there = asyncio.create_task(self._pass_on(reader, onward, deaf=is_socket))
            back = asyncio.create_task(self._pass_on(upstream, writer))
            _, pending = await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        finally:
            self._lines.discard(onward)
            self._clients.discard(writer)
            self._closed.discard(writer)
            self._abort([onward])

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, deaf: bool = False) -> None:
        while chunk := await source.read(CHUNK):
            if (deaf and self._deaf) or target in self._closed:
                continue
            target.write(chunk)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    def _frame(self, opcode: int, data: bytes) -> None:
        if len(data) > NORMAL_DATA:
            raise ValueError(f"a frame of {len(data)} bytes: inject at most {NORMAL_DATA}")
        for client in self._clients:
            client.write(bytes((0x80 | opcode, len(data))) + data)

    @staticmethod
    def _abort(writers: set[asyncio.StreamWriter] | list[asyncio.StreamWriter]) -> None:
        for writer in list(writers):
            writer.transport.abort()
