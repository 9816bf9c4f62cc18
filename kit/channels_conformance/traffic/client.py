"""The face that every client shows to a player, in process and over the wire alike.

A client is one WebSocket: opened once, ended once. Who comes back makes a new client. Nothing is judged here; what the
client saw is returned or raised in the types below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

ABNORMAL = 1006
"""The close code an endpoint notes for itself where no close frame came (RFC 6455 7.1.5)."""

NO_CODE = 1005
"""The close code an endpoint notes for itself where the close frame carried none (RFC 6455 7.1.5)."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The handshake was completed."""

    subprotocol: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The handshake was answered otherwise.

    ``status`` is what an HTTP client sees; 101 is a completed handshake that the client must fail (RFC 6455 4.1).
    ``code`` is the close code that the application gave. It never crosses the wire: only an in-process client knows it.
    """

    status: int
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The handshake was not answered: the deadline passed, or the TCP connection ended first."""

    reason: str = ""


Opening = Accepted | Refused | Unanswered
"""How a handshake ended."""


class ConnectionLost(Exception):  # noqa: N818  it names what happened, as Closed does
    """The frame could not be sent, because the connection has ended."""


class Closed(Exception):  # noqa: N818  the ordinary end of a connection is no error
    """The connection has ended and every frame that arrived was read. ``code`` is 1006 where no close frame came."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"closed with code {code}" + (f": {reason}" if reason else ""))
        self.code = code
        self.reason = reason


class Client(Protocol):
    """One WebSocket, from the client's side."""

    async def open(self, deadline: float) -> Opening:
        """Begin the handshake and return how it ended, after ``deadline`` seconds at the latest."""
        ...

    async def send(self, payload: str | bytes) -> None:
        """Send one text or binary frame; raise :exc:`ConnectionLost` if the connection has ended."""
        ...

    async def close(self, code: int | None = None) -> None:
        """Run the closing handshake, with a close frame that carries no code where ``code`` is None.

        Return when the peer has answered or a failure deadline has passed. Do nothing if the connection has ended.
        """
        ...

    async def abort(self) -> None:
        """Drop the connection at once, without a close frame."""
        ...

    async def receive(self) -> str | bytes:
        """Return the next frame; raise :exc:`Closed` at the end, however often it is called.

        Wait as long as it takes. May be cancelled without losing a frame.
        """
        ...

    async def ping(self) -> None:
        """Return when the peer has answered a ping; raise :exc:`ConnectionLost` if the connection has ended.

        An in-process client has no peer to ask and returns at once.
        """
        ...
