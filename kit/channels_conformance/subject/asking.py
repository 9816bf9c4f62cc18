"""HTTP requests to the subject's servers, as a browser or a stranger makes them, beside its WebSockets."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

from channels_conformance.history import Event, History, Kind
from channels_conformance.limit import give_up
from channels_conformance.subject.templates import filled_text, names_in
from channels_conformance.traffic import patience
from channels_conformance.traffic.stage import Credential

if TYPE_CHECKING:
    from channels_conformance.services.servers import Server
    from channels_conformance.subject.browser import Browser
    from channels_conformance.subject.profile import Endpoint
    from channels_conformance.subject.route import Route
    from channels_conformance.subject.subject import Subject

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
"""What makes a GET request a handshake."""

MOST = 4  # pages of a project that are asked for

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How a request was answered; a status of 0: not at all."""

    status: int
    body: str = ""


class Requests:
    """Makes requests to a subject's servers, and keeps them in a history."""

    def __init__(self, subject: Subject, history: History) -> None:
        self._subject = subject
        self._history = history

    async def path(self, endpoint: Endpoint, audience: str = "lobby") -> str:
        """Return the path of an endpoint for an audience, without its query."""
        named = names_in(endpoint.path)
        values = await self._subject.values(Credential(), endpoint, user="", audience=audience, named=named)
        return filled_text(endpoint.path, {name: quote(str(value), safe="") for name, value in values.items()})

    async def begin_to_write(self, server: Server, *, since: float) -> bool:
        """Wait until a view of a server has begun to write to the database; return whether it has by the deadline."""

        def found(event: Event) -> bool:
            writes = event.kind is Kind.QUERY and event.text == "writes"
            return writes and event.worker == server.name and event.at >= since

        # A worker reports what it does for a request under no connection's name.
        return await self._subject.run.journal.wait_for("", found, deadline=patience.deadline) is not None

    async def ask(
        self,
        server: Server,
        path: str,
        *,
        method: str = "GET",
        name: str = "",
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        body: str = "",
    ) -> Reply:
        """Make one request on a connection of its own; ``name`` is what checks know it by."""
        marker = name or f"request {next(_numbers)}"
        sent = {"Origin": server.url("", scheme="http").removesuffix("/"), "Connection": "close", **(headers or {})}
        if cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self._record(Kind.REQUESTED, server, marker=marker, text=f"{method} {path}")
        reply = await asyncio.to_thread(_reply, server, method, path, sent, body)
        kind, status = (Kind.RESPONDED, reply.status) if reply.status else (Kind.NO_RESPONSE, None)
        self._record(kind, server, marker=marker, code=status, text=f"{method} {path}")
        return reply

    async def log_out(self, server: Server, browser: Browser, *, name: str) -> Reply:
        """Log the user of a browser out as the reference app's button does."""
        sent = {browser.header: browser.token}
        return await self.ask(
            server, reverse("logout"), method="POST", name=name, headers=sent, cookies=browser.cookies
        )

    def _record(self, kind: Kind, server: Server, **event: Any) -> None:
        self._history.events.append(Event(at=time.monotonic(), kind=kind, worker=server.name, **event))


def _reply(server: Server, method: str, path: str, headers: Mapping[str, str], body: str) -> Reply:
    connection = HTTPConnection(server.host, server.port, timeout=patience.deadline)
    try:
        connection.request(method, path, body=body.encode() or None, headers=dict(headers))
        answer = connection.getresponse()
        # Behind a 101 comes no body, but a socket.
        return Reply(
            status=answer.status, body="" if answer.status == 101 else answer.read().decode("utf-8", "replace")
        )
    except (OSError, HTTPException):
        return Reply(status=0)
    finally:
        connection.close()


async def asked_for(application: Any, protocol: str) -> Event:
    """Return what became of asking an application for a protocol: it raised, spoke, or did neither."""
    sent: list[str] = []
    asked = False

    async def receive() -> Any:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()  # there is nothing more to tell
        asked = True
        return {"type": f"{protocol}.startup"}

    async def send(message: Any) -> None:
        sent.append(message["type"])
        spoken.set()

    spoken = asyncio.Event()
    scope = {"type": protocol, "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    call = asyncio.ensure_future(application(scope, receive, send))
    speech = asyncio.ensure_future(spoken.wait())
    await asyncio.wait((call, speech), timeout=patience.deadline, return_when=asyncio.FIRST_COMPLETED)
    speech.cancel()
    kind, detail = Kind.TOOK, "returned without a word" if call.done() else "said nothing at all"
    if call.done() and (error := call.exception()) is not None:
        kind, detail = Kind.DECLINED, f"{type(error).__name__}: {error}"
    elif sent:
        kind, detail = Kind.STARTED, sent[0]
    await give_up(call, grace=patience.deadline)
    return Event(at=time.monotonic(), kind=kind, text=protocol, detail=detail)


def answers_http(application: Any) -> bool:
    """Return whether an application is seen to have a place for HTTP: pages may as well be served elsewhere."""
    return not isinstance(application, ProtocolTypeRouter) or "http" in application.application_mapping


def page_paths(routes: Iterable[Route]) -> list[str]:
    """Return the shortest paths of the project's URLconf that take no parameter, and that no WebSocket route takes."""
    found_routes = list(routes)
    taken = {route.path for route in found_routes}
    # A consumer behind no router looks at the path by itself.
    everywhere = [route.pattern for route in found_routes] == [""]
    if everywhere or not getattr(settings, "ROOT_URLCONF", None):
        return []
    found = sorted(dict.fromkeys(_plain(get_resolver().url_patterns, "/")), key=len)
    return [path for path in found if path not in taken][:MOST]


def _plain(patterns: list[Any], above: str) -> Iterator[str]:
    for one in patterns:
        if not isinstance(one.pattern, RoutePattern) or one.pattern.converters:
            continue
        path = above + str(one.pattern)
        if isinstance(one, URLPattern):
            yield path
        elif isinstance(one, URLResolver):
            yield from _plain(one.url_patterns, path)
