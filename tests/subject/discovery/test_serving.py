"""Whether an application has a route for an endpoint: said only where it is certain that there is none."""

from __future__ import annotations

from typing import Any

import pytest
from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from django.urls import path, re_path

from channels_conformance.subject.discovery import routed, routes, unserved
from channels_conformance.subject.profile import Endpoint, Profile


class Talk(AsyncWebsocketConsumer):
    """A consumer."""


class Gone(AsyncWebsocketConsumer):
    """A consumer that is there to refuse what no other route takes."""

    async def connect(self) -> None:
        """Refuse."""
        await self.close(code=4404)


class Greeting(AsyncWebsocketConsumer):
    """A consumer that lets in whom Channels' own would."""

    async def connect(self) -> None:
        """Accept, in the end."""
        await super().connect()


def signed_in(connect: Any) -> Any:
    """Refuse strangers, and let others connect."""

    async def decorated(self: Any) -> None:
        if not self.scope["user"]:
            await self.close()
            return
        await connect(self)

    return decorated


class Members(AsyncWebsocketConsumer):
    """A consumer that refuses some."""

    @signed_in
    async def connect(self) -> None:
        """Accept."""
        await self.accept()


TALK: Any = Talk.as_asgi()
GONE: Any = Gone.as_asgi()
GREETING: Any = Greeting.as_asgi()
MEMBERS: Any = Members.as_asgi()
DENIER: Any = WebsocketDenier.as_asgi()


class Signing:
    """Middleware as projects write it: it looks at the query, and passes on."""

    def __init__(self, following: Any) -> None:
        self.following = following

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        """Pass on."""
        return await self.following({**scope, "user": scope["query_string"]}, receive, send)


class Prefixing(Signing):
    """Middleware that takes a prefix off the path."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        """Pass on, elsewhere."""
        return await self.following({**scope, "path": scope["path"].removeprefix("/api")}, receive, send)


class Choosing:
    """Middleware that has two routers to choose from."""

    def __init__(self, one: Any, other: Any) -> None:
        self.one, self.other = one, other

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        """Choose by who asks."""
        return await (self.one if scope.get("user") else self.other)(scope, receive, send)


class Closed:
    """Middleware that does not show what it wraps."""

    __slots__ = ("_wrapped",)

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        """Pass on."""
        return await self._wrapped(scope, receive, send)


def routed_by(*patterns: Any) -> Any:
    """Return a router of these patterns."""
    return URLRouter(list(patterns))


ROOM = path("ws/chat/<slug:room>/", TALK)


def reason(application: Any, asked: str, tmp_path: Any) -> str:
    """Return why an endpoint of this path is not served by an application, or nothing."""
    served = ProtocolTypeRouter({"websocket": application})
    found = routes(served)
    profile = Profile(root=tmp_path, settings="s", endpoints=(Endpoint(name="chat", path=asked),))
    return unserved(served, routed(profile, found).endpoint("chat"), found)


@pytest.mark.parametrize(
    ("application", "asked", "near"),
    [
        (routed_by(ROOM), "/ws/caht/{room}/", "/ws/chat/{room}/"),
        (routed_by(ROOM), "/ws/chat/{room}", "/ws/chat/{room}/"),
        (routed_by(ROOM, path("ws/news/", TALK)), "/ws/new/", "/ws/news/"),
        (routed_by(ROOM), "/ws/chat/one.two/", "/ws/chat/{room}/"),  # a slug holds no dot
        (routed_by(path("api/", routed_by(ROOM))), "/ws/chat/{room}/", "/api/ws/chat/{room}/"),
        (routed_by(ROOM, re_path(r"", DENIER)), "/ws/caht/{room}/", "/ws/chat/{room}/"),
        (routed_by(ROOM, re_path(r".*", GONE)), "/ws/caht/{room}/", "/ws/chat/{room}/"),
        (AuthMiddlewareStack(routed_by(ROOM)), "/ws/caht/{room}/", "/ws/chat/{room}/"),
        (Signing(routed_by(ROOM)), "/ws/caht/{room}/", "/ws/chat/{room}/"),
        (routed_by(re_path(r"^ws/live/?$", TALK)), "/ws/alive/", "/ws/live"),
    ],
)
def test_a_path_that_no_route_serves_is_told_with_the_nearest(
    application: Any, asked: str, near: str, tmp_path: Any
) -> None:
    """The sentence names what was written, and the route that is most like it."""
    told = reason(application, asked, tmp_path)

    assert told == (
        f'path = "{asked}" is no route of the project: write path = "{near}", or another that '
        "channels-conformance discover lists."
    )


@pytest.mark.parametrize(
    ("application", "asked"),
    [
        (routed_by(ROOM), "/ws/chat/{room}/"),
        (routed_by(ROOM), "/ws/chat/{whatever}/"),
        (routed_by(ROOM), "/ws/chat/lobby/"),
        (routed_by(ROOM), "/ws/chat/{room}-{number}/"),
        (routed_by(re_path(r"^ws/live/?$", TALK)), "/ws/live/"),  # the route that was found has no slash
        (routed_by(re_path(r"ws/(?P<code>[A-Z]{3}-\d{4})/$", TALK)), "/ws/{area}-{number}/"),
        (routed_by(re_path(r"ws/(?P<pk>[\]\[)]+)/$", TALK)), "/ws/]/"),
        (routed_by(path("ws/<path:rest>", TALK)), "/ws/chat/{room}/"),
        (routed_by(ROOM, re_path(r"", TALK)), "/ws/caht/{room}/"),  # the last route may mind the path by itself
        (routed_by(ROOM, path("live/", Closed(TALK))), "/live/"),
        (routed_by(ROOM, re_path(r"", GREETING)), "/ws/caht/{room}/"),
        (routed_by(ROOM, re_path(r"", MEMBERS)), "/ws/caht/{room}/"),
        (TALK, "/wherever/{room}/"),
        (Prefixing(routed_by(ROOM)), "/api/ws/chat/{room}/"),
        (Choosing(routed_by(ROOM), routed_by(path("ws/news/", TALK))), "/ws/news/"),
        (Closed(routed_by(ROOM)), "/ws/caht/{room}/"),
        (routed_by(path("é/<slug:room>/", TALK)), "/%C3%A9/{room}/"),
    ],
)
def test_where_a_client_may_be_served_nothing_is_said(application: Any, asked: str, tmp_path: Any) -> None:
    """What is served, what may be, and what cannot be known for the middleware in front, is no mistake."""
    assert reason(application, asked, tmp_path) == ""
