"""A plain ASGI application of many small scripts: the path says which one is played, the query with what.

Each script is a coroutine that does one thing by the book, or one thing against it, so that whatever else a client sees
was done by the server in between.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class ScriptError(Exception):
    """What a script raises that is to raise."""


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer every frame with the very same frame."""
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        # An event may hold both keys, one of them None. An empty text is a text all the same.
        if event.get("text") is not None:
            await send({"type": "websocket.send", "text": event["text"]})
        else:
            await send({"type": "websocket.send", "bytes": event["bytes"]})


async def tell_scope(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell the client what the server told of it, bytes as ``{"bytes": ...}``, for JSON has none; then echo texts."""
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": json.dumps(scope, default=_plain)})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


async def listen(scope: Scope, receive: Receive, send: Send) -> None:
    """Take whatever comes, and say nothing."""
    await send({"type": "websocket.accept"})
    await _until_disconnect(receive)


async def subprotocol(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept with the subprotocol that the query names, offered or not."""
    await send({"type": "websocket.accept", "subprotocol": _asked(scope)["name"]})
    await _until_disconnect(receive)


async def never_answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Neither accept nor close."""
    await _until_disconnect(receive)


async def raise_in_connect(scope: Scope, receive: Receive, send: Send) -> None:
    """Raise before the handshake is answered."""
    raise ScriptError("raised in connect, as the path asked for")


async def raise_in_receive(scope: Scope, receive: Receive, send: Send) -> None:
    """Raise once a frame has come."""
    await send({"type": "websocket.accept"})
    await receive()
    raise ScriptError("raised in receive, as the path asked for")


async def close(scope: Scope, receive: Receive, send: Send) -> None:
    """Close with the code and the reason that the query names."""
    await send({"type": "websocket.accept"})
    asked = _asked(scope)
    await send({"type": "websocket.close", "code": int(asked["code"]), "reason": asked.get("reason", "")})
    await _until_disconnect(receive)


async def close_twice(scope: Scope, receive: Receive, send: Send) -> None:
    """Close with 4001, and then once more with 4002."""
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4001})
    await send({"type": "websocket.close", "code": 4002})
    await _until_disconnect(receive)


async def send_after_close(scope: Scope, receive: Receive, send: Send) -> None:
    """Close, and send all the same."""
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4001})
    await send({"type": "websocket.send", "text": "too late"})
    await _until_disconnect(receive)


async def deny(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the handshake with an HTTP response, whether the server says that it can do so or not."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
    await send({"type": "websocket.http.response.start", "status": 451, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"no"})


SCRIPTS: dict[str, Application] = {
    "/echo/": echo,
    "/scope/": tell_scope,
    "/scope/two words/": tell_scope,
    "/listen/": listen,
    "/subprotocol/": subprotocol,
    "/never-answer/": never_answer,
    "/raise-in-connect/": raise_in_connect,
    "/raise-in-receive/": raise_in_receive,
    "/close/": close,
    "/close-twice/": close_twice,
    "/send-after-close/": send_after_close,
    "/deny/": deny,
}


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer over HTTP with the version of HTTP; on the path /push/, push /pushed/ first where the server can."""
    extensions = scope.get("extensions") or {}
    pushes = "http.response.push" in extensions
    if scope["path"] == "/push/" and pushes:
        await send({"type": "http.response.push", "path": "/pushed/", "headers": []})
    body = json.dumps({"http_version": scope["http_version"], "pushes": pushes}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def script(scope: Scope, receive: Receive, send: Send) -> None:
    """Play the script that the path names."""
    if scope["type"] == "http":
        await page(scope, receive, send)
    elif scope["type"] == "websocket":
        await receive()  # websocket.connect
        await SCRIPTS[scope["path"]](scope, receive, send)
    else:
        # As the lifespan specification asks of an application that does not know this type of scope.
        raise ValueError(f"scope type {scope['type']} is not served here")


def between(application: Application) -> Application:
    """Return what a server is given to serve: the application itself.

    A planted fault puts here what a bad server would do to it.
    """
    return application


application = between(script)


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass


def _asked(scope: Scope) -> dict[str, str]:
    return dict(parse_qsl(scope["query_string"].decode("ascii")))


def _plain(value: object) -> object:
    if isinstance(value, bytes | bytearray):
        return {"bytes": bytes(value).decode("latin-1")}
    return list(value) if isinstance(value, tuple | set) else repr(value)
