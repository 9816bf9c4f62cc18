"""ASGI middleware for WebSockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autobahn.exception import Disconnected

if TYPE_CHECKING:
    from asgiref.typing import ASGIReceiveCallable, ASGISendCallable


class GoneClientMiddleware:
    """Let a consumer send to a client that has just gone.

    A client may leave while a consumer is about to send to it: ``websocket.disconnect`` is under way, but not read yet.
    The ASGI specification has the server raise an OSError from ``send()``; Daphne raises Autobahn's Disconnected.
    Either would end the consumer before its ``disconnect()`` runs, for no fault of its own.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Run the application with a ``send()`` that is silent when nobody is there."""

        async def send_to_whoever_is_there(event: Any) -> None:
            try:
                await send(event)
            except (OSError, Disconnected):
                # Nothing is lost that could have arrived: the disconnect event comes next.
                return

        await self.application(scope, receive, send_to_whoever_is_there)
