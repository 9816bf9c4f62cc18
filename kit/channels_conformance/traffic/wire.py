"""The client over the wire: a real WebSocket to a real server process.

It does what a browser does: offers compression, sends an Origin, follows no redirect. What a browser cannot do but a
network can, it does as well: it closes without a code, and drops the connection.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.typing import Origin, Subprotocol

from channels_conformance.traffic import patience
from channels_conformance.traffic.client import ABNORMAL, Accepted, Closed, ConnectionLost, Opening, Refused, Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class _Connect(connect):
    def process_redirect(self, exc: Exception) -> Exception:
        # A browser fails a handshake that is answered with a redirect (RFC 6455 4.1 leaves it to the client).
        return exc


def _leave_pings_unanswered(connection: ClientConnection) -> None:
    """Have a connection send no pong: the sans-I/O layer below answers every ping by itself."""
    protocol = connection.protocol
    send = protocol.send_frame

    def send_frame(frame: Frame) -> None:
        if frame.opcode is not Opcode.PONG:
            send(frame)

    protocol.send_frame = send_frame  # type: ignore[method-assign]


class WireClient:
    """A WebSocket client on a TCP connection; a :class:`~channels_conformance.traffic.client.Client`.

    ``origin`` is by default the origin of ``url`` itself; ``send_origin=False`` leaves the header out. ``cookies`` go
    into one Cookie header. ``close_deadline`` is how many seconds the peer has to answer a close frame, by default as
    many as for any answer. ``max_queue`` is how many frames are read ahead of :meth:`receive`, where None reads all; a
    small number makes a slow reader. ``headers`` may be pairs, where one comes twice. With ``pongs=False`` it answers
    no ping.
    """

    def __init__(
        self,
        url: str,
        *,
        origin: str | None = None,
        send_origin: bool = True,
        cookies: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        subprotocols: Iterable[str] = (),
        pongs: bool = True,
        close_deadline: float | None = None,
        max_queue: int | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise ValueError(f"url={url!r}: write 'ws://host:port/path' or 'wss://host:port/path'")
        if isinstance(subprotocols, str):
            raise TypeError(f"subprotocols={subprotocols!r}: write a list, as [{subprotocols!r}]")
        self.url = url
        own = f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc.rpartition('@')[2]}"
        self.origin = (origin or own) if send_origin else None
        self.headers = Headers(headers)
        if cookies:
            self.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self.pongs = pongs
        self.subprotocols = tuple(subprotocols)
        self.close_deadline = patience.deadline if close_deadline is None else close_deadline
        self.max_queue = max_queue
        self._begun = False
        self._connection: ClientConnection | None = None

    @property
    def connection(self) -> ClientConnection:
        """The connection of ``websockets`` below; raises RuntimeError where the handshake was not accepted."""
        if self._connection is None:
            raise RuntimeError("the connection is not open: await open() first, and see that it returns Accepted")
        return self._connection

    async def open(self, deadline: float) -> Opening:
        """Begin the handshake and return how it ended, after ``deadline`` seconds at the latest.

        Raise RuntimeError where the client was opened before: who comes back makes a new client.
        """
        if self._begun:
            raise RuntimeError("a client opens once: make a new client to connect again")
        self._begun = True
        try:
            async with asyncio.timeout(deadline):
                self._connection = await _Connect(
                    self.url,
                    origin=None if self.origin is None else Origin(self.origin),
                    additional_headers=self.headers,
                    subprotocols=[Subprotocol(name) for name in self.subprotocols] or None,
                    user_agent_header=None,
                    proxy=None,  # a proxy of the environment would be judged in place of the server
                    open_timeout=None,
                    ping_interval=None,  # who has stopped answering is for a spec to find, not for this client to end
                    close_timeout=self.close_deadline,
                    max_size=None,
                    max_queue=self.max_queue,
                )
        except InvalidStatus as refusal:
            return Refused(refusal.response.status_code)
        except TimeoutError:
            return Unanswered(f"no answer within {deadline:g} s")
        except (InvalidMessage, ConnectionClosed, OSError) as failure:
            return Unanswered(str(failure) or type(failure).__name__)
        except InvalidHandshake:
            return Refused(101)
        if not self.pongs:
            _leave_pings_unanswered(self._connection)
        return Accepted(self._connection.subprotocol)

    async def send(self, payload: str | bytes) -> None:
        """Send one text or binary frame; raise :exc:`ConnectionLost` if the connection has ended."""
        try:
            await self.connection.send(payload)
        except ConnectionClosed as end:
            raise ConnectionLost(str(end)) from end

    async def close(self, code: int | None = None) -> None:
        """Run the closing handshake, with a close frame that carries no code where ``code`` is None.

        Return when the peer has answered or ``close_deadline`` has passed. Do nothing if the connection has ended.
        """
        try:
            # The time that the frame takes to be written is not in close_timeout: a peer may have stopped to read.
            async with asyncio.timeout(2 * self.close_deadline):
                # None is what the sans-I/O layer below takes for "no code"; the annotation above it leaves it out.
                await self.connection.close(code)  # type: ignore[arg-type]
        except TimeoutError:
            await self.abort()

    async def abort(self) -> None:
        """Drop the TCP connection at once, without a close frame."""
        self.connection.transport.abort()
        await self.connection.wait_closed()

    async def receive(self) -> str | bytes:
        """Return the next frame; raise :exc:`Closed` at the end, however often it is called.

        Wait as long as it takes. May be cancelled without losing a frame.
        """
        try:
            return await self.connection.recv()
        except ConnectionClosed as end:
            if end.rcvd is None:
                raise Closed(ABNORMAL) from end
            raise Closed(end.rcvd.code, end.rcvd.reason) from end

    async def ping(self) -> None:
        """Return when the peer has answered a ping; raise :exc:`ConnectionLost` if the connection has ended."""
        try:
            await (await self.connection.ping())
        except ConnectionClosed as end:
            raise ConnectionLost(str(end)) from end
