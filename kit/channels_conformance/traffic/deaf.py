"""A client that will not be closed: it goes on sending once the server has closed, until its TCP connection ends.

No browser behaves so, but anybody with a socket can. Nobody else sees through an application that accepts first and
then closes: what this client sends reaches the server while the close is under way.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from websockets.client import ClientProtocol
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Origin, Subprotocol
from websockets.uri import parse_uri

from channels_conformance.traffic.client import ABNORMAL, Accepted, Closed, ConnectionLost, Opening, Refused, Unanswered
from channels_conformance.traffic.wire import WireClient

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATA = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class DeafClient:
    """A client on a TCP connection that never answers a close; a :class:`~channels_conformance.traffic.client.Client`.

    ``like`` is an unopened :class:`WireClient`, whose handshake it sends.
    """

    def __init__(self, like: WireClient) -> None:
        self._like = like
        self._protocol = ClientProtocol(
            parse_uri(like.url),
            origin=None if like.origin is None else Origin(like.origin),
            subprotocols=[Subprotocol(name) for name in like.subprotocols] or None,
            max_size=None,
        )
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._frames: list[Frame] = []
        self._code = ABNORMAL
        self._text = False

    async def open(self, deadline: float) -> Opening:
        """Begin the handshake and return how it ended, after ``deadline`` seconds at the latest."""
        opening = await self._handshake(deadline)
        if self._streams is not None and not isinstance(opening, Accepted):
            await self.abort()
        return opening

    async def _handshake(self, deadline: float) -> Opening:
        uri = self._protocol.uri
        request = self._protocol.connect()
        request.headers.update(self._like.headers)
        self._protocol.send_request(request)
        try:
            async with asyncio.timeout(deadline):
                self._streams = await asyncio.open_connection(uri.host, uri.port)
                self._streams[1].writelines(self._protocol.data_to_send())
                response = await self._response()
        except TimeoutError:
            return Unanswered(f"no answer within {deadline:g} s")
        except OSError as failure:
            return Unanswered(str(failure))
        if response is None:
            return Unanswered("the TCP connection ended")
        if response.status_code != 101 or self._protocol.handshake_exc:
            return Refused(response.status_code)
        return Accepted(self._protocol.subprotocol)

    async def send(self, payload: str | bytes) -> None:
        """Send one frame, closed or not; raise :exc:`ConnectionLost` if the TCP connection has ended."""
        opcode, data = (Opcode.TEXT, payload.encode()) if isinstance(payload, str) else (Opcode.BINARY, payload)
        _, writer = self._open()
        try:
            writer.write(Frame(opcode, data).serialize(mask=True))
            await writer.drain()
        except OSError as end:
            raise ConnectionLost(str(end)) from end

    async def close(self, code: int | None = None) -> None:
        """Drop the connection: a closing handshake is what this client refuses."""
        await self.abort()

    async def abort(self) -> None:
        """Drop the TCP connection at once."""
        _, writer = self._open()
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def receive(self) -> str | bytes:
        """Return the next frame; raise :exc:`Closed` once the TCP connection has ended, with the code that was sent."""
        message = b""
        while True:
            for frame in self._data_frames():
                self._text = frame.opcode is Opcode.TEXT or (frame.opcode is Opcode.CONT and self._text)
                message += bytes(frame.data)
                if frame.fin:
                    return message.decode("utf-8", "replace") if self._text else message
            if not await self._read():
                raise Closed(self._code)

    async def ping(self) -> None:
        """Return at once: this client hears no pong."""

    def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            raise RuntimeError("the connection is not open: await open() first, and see that it returns Accepted")
        return self._streams

    async def _response(self) -> Response | None:
        while await self._read(1):  # no byte of what follows the response is read before it is asked for
            for event in self._protocol.events_received():
                if isinstance(event, Response):
                    return event
        return None

    async def _read(self, most: int = 65536) -> bool:
        """Read what has come; return False at the end of the TCP connection."""
        try:
            data = await self._open()[0].read(most)
        except OSError:
            return False
        if data:
            self._protocol.receive_data(data)
        return bool(data)

    def _data_frames(self) -> Iterator[Frame]:
        self._frames += [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        self._protocol.data_to_send()  # dropped: neither a pong nor the answer to a close is ever sent
        while self._frames:
            frame = self._frames.pop(0)
            if frame.opcode is Opcode.CLOSE:
                self._code = Close.parse(bytes(frame.data)).code
            elif frame.opcode in _DATA:
                yield frame
