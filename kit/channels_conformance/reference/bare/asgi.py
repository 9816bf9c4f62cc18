"""A bare ASGI application: one coroutine for each connection, whatever its protocol.

``uvicorn bare.asgi:application``. What a server hands over is told by ``scope["type"]``; from then on both sides send
each other events, which is what WSGI has no way to do.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one connection by the protocol that it speaks."""
    if scope["type"] == "http":
        await answer(scope, receive, send)
    elif scope["type"] == "websocket":
        await echo(scope, receive, send)
    elif scope["type"] == "lifespan":
        await live(scope, receive, send)
    else:
        # So the specification wants it: a server that offers more than we know learns that we do not know it.
        raise ValueError(f"this application does not speak {scope['type']}")


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer an HTTP request with what the server says of it."""
    told = {"http_version": scope["http_version"], "method": scope["method"], "client": scope["client"]}
    body = json.dumps(told).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Say back every frame of a WebSocket, until it ends."""
    await receive()  # websocket.connect: somebody is at the door, and has said nothing yet
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event.get("text"), "bytes": event.get("bytes")})
    # Nothing but websocket.disconnect is left: whoever returns before it leaves a connection that nobody reads.


async def live(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the server when it starts, and when it is about to end: the place to open and close what all share."""
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return
