"""The tap: wraps the subject's ASGI application and reports what crosses the boundary, changing nothing.

It names a connection by the header that our clients send, and keeps the name in a context variable, so that whatever
runs on behalf of that connection, in whichever thread, can be reported under it.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any, Protocol

from channels_conformance.history import GONE, Kind
from channels_conformance.subject.gate import GATE, HOLD_ANSWERS, gate

HEADER = "x-conformance-connection"
HOLD_ACCEPT = "x-conformance-hold-accept"
"""With this header, the application's ``send()`` of an accept returns only when the client has sent something.

That is as legal as a slow network, and it makes the moment after the accept as long as a client likes.
"""

MOST_FRAMES = 20_000
"""Frames of one connection that are reported; who sends more is cut off by our client long before."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[Any]]

connection: ContextVar[str] = ContextVar("conformance_connection", default="")


class Reports(Protocol):
    """Whatever events can be reported to."""

    def report(self, kind: Kind, **event: Any) -> None:
        """Record one event."""


class Tap:
    """An ASGI application that is another one, reported on."""

    def __init__(self, application: Application, reporter: Reports) -> None:
        self.application = application
        self._reporter = reporter

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> Any:
        """Run the application; report WebSocket connections that carry our header."""
        gate.turn(_header(scope, GATE, "http"))
        key = _header(scope, HEADER)
        if not key:
            return await self.application(scope, receive, send)
        connection.set(key)
        report = self._reporter.report
        holds_accept, holds_answers = bool(_header(scope, HOLD_ACCEPT)), bool(_header(scope, HOLD_ANSWERS))
        read_ahead: list[Message] = []
        closed = False  # by the application itself
        gone: Exception | None = None
        frames = 0

        async def tapped_receive() -> Message:
            message = read_ahead.pop() if read_ahead else await receive()
            report(Kind.DELIVERED, connection=key, **_summary(message))
            return message

        async def tapped_send(message: Message) -> None:
            nonlocal closed, gone, frames
            frames += message["type"] == "websocket.send"
            if frames <= MOST_FRAMES or message["type"] != "websocket.send":
                report(Kind.ANSWERED, connection=key, **_summary(message))
            try:
                await send(message)
            except Exception as error:
                gone = error if _says_that_the_client_has_gone(error) and not closed else gone
                raise
            closed = closed or message["type"] == "websocket.close"
            if holds_accept and message["type"] == "websocket.accept":
                read_ahead.append(await receive())
            if holds_answers and message["type"] in ("websocket.send", "websocket.close") and gate.is_shut:
                report(Kind.HELD, connection=key)
                await gate.opened()
                report(Kind.LET_GO, connection=key)

        try:
            result = await self.application(scope, tapped_receive, tapped_send)
        except BaseException as error:
            trace = "".join(traceback.format_exception(error))
            report(Kind.CRASHED, connection=key, detail=trace, **({"marker": GONE} if error is gone else {}))
            raise
        report(Kind.RETURNED, connection=key)
        return result


def _says_that_the_client_has_gone(error: Exception) -> bool:
    """Return whether a server raised this since nobody is there to send to: an OSError, or what Daphne has for it."""
    return isinstance(error, OSError) or type(error).__qualname__ == "Disconnected"


def _header(scope: MutableMapping[str, Any], header: str, protocol: str = "websocket") -> str:
    if scope["type"] != protocol:
        return ""
    return next((value.decode() for name, value in scope["headers"] if name.decode().lower() == header), "")


def _summary(message: Message) -> dict[str, Any]:
    """Return the parts of an ASGI message that a history holds."""
    text, data, code = message.get("text"), message.get("bytes"), message.get("code")
    if message["type"] == "websocket.close":
        text, code = message.get("reason"), message.get("code", 1000)
    elif message["type"] == "websocket.http.response.start":
        code = message.get("status")
    elif message["type"] == "websocket.accept":
        text = message.get("subprotocol")
    return {
        "detail": message["type"],
        "text": text if isinstance(text, str) else None,
        "data": bytes(data) if isinstance(data, bytes | bytearray | memoryview) else None,
        "code": code if isinstance(code, int) else None,
    }
