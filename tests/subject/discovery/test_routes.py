"""Routes are found through whatever an application is made of."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer, WebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator, WebsocketDenier
from django.urls import path, re_path

from channels_conformance.subject.discovery import Route, routes


class Talk(AsyncJsonWebsocketConsumer):
    """Handles two messages of the layer."""

    groups = ["everybody"]  # noqa: RUF012 -- as projects write it
    subprotocols = ("talk.v1",)

    async def talk_said(self, event: dict[str, Any]) -> None:
        """Handle a message."""

    async def talk_ended(self, event: dict[str, Any]) -> None:
        """Handle another."""

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Take what a client says."""

    async def _hidden(self, event: dict[str, Any]) -> None:
        """Be no handler, as its name begins with an underscore."""


class Slow(JsonWebsocketConsumer):
    """A sync consumer."""


class Raw(WebsocketConsumer):
    """A sync consumer of raw frames."""


class Wrapper:
    """Middleware of no known class, that keeps what it wraps under a name of its own."""

    def __init__(self, wrapped: Any) -> None:
        self.wrapped_application = wrapped

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        """Pass on."""
        return await self.wrapped_application(scope, receive, send)


def decorated(inner: Any) -> Callable[..., Any]:
    """Wrap by a closure."""

    async def middleware(scope: Any, receive: Any, send: Any) -> Any:
        return await inner(scope, receive, send)

    return middleware


async def partly(inner: Any, scope: Any, receive: Any, send: Any) -> Any:
    """Wrap by a partial."""
    return await inner(scope, receive, send)


def routed(*patterns: Any) -> URLRouter:
    """Return a router of these patterns."""
    return URLRouter(list(patterns))


def served(websocket: Any) -> ProtocolTypeRouter:
    """Return an application as asgi.py has it."""
    return ProtocolTypeRouter({"http": lambda: None, "websocket": websocket})


def only(application: Any) -> Route:
    """Return the only route of an application."""
    (route,) = routes(application)
    return route


TALK: Any = Talk.as_asgi()


def test_a_route_is_described() -> None:
    """Pattern, parameters, consumer, handlers and what stands in front are told."""
    application = served(
        OriginValidator(AuthMiddlewareStack(routed(path("ws/<int:year>/<slug:name>/", TALK))), ["a.b"])
    )

    route = only(application)

    assert (route.pattern, route.path) == ("ws/<int:year>/<slug:name>/", "/ws/{year}/{name}/")
    assert route.parameters == {"year": "[0-9]+", "name": "[-a-zA-Z0-9_]+"}
    assert route.converters == {"year": "IntConverter", "name": "SlugConverter"}
    assert route.consumer == f"{__name__}.Talk"
    assert (route.style, route.frames, route.groups) == ("async", "JSON", ("everybody",))
    assert (route.handlers, route.subprotocols) == (("talk_ended", "talk_said"), ("talk.v1",))
    assert route.in_front == ("OriginValidator", "CookieMiddleware", "SessionMiddleware", "AuthMiddleware")
    assert (route.cookies, route.origins) == (True, ("a.b",))
    assert route.file == __file__
    assert route.line > 0


def test_what_a_consumer_works_out_for_each_connection_is_not_told() -> None:
    """Groups may be a property, since Channels asks for them when the connection is there; a class has none to tell."""

    class Seat(AsyncJsonWebsocketConsumer):
        @property
        def groups(self) -> list[str]:  # type: ignore[override]  # Channels takes it all the same
            return [f"row.{self.scope['url_route']['kwargs']['row']}"]

    seat: Any = Seat.as_asgi()
    route = only(routed(path("ws/<int:row>/", seat)))

    assert (route.path, route.groups) == ("/ws/{row}/", ())


@pytest.mark.parametrize(
    ("pattern", "template", "parameters"),
    [
        (r"^ws/chat/(?P<room>\w+)/$", "/ws/chat/{room}/", {"room": r"\w+"}),
        (
            r"ws/(?P<room>[^/()]{1,9})/(?P<seat>(?:a|b)+)$",
            "/ws/{room}/{seat}",
            {"room": "[^/()]{1,9}", "seat": "(?:a|b)+"},
        ),
        (r"ws/(\d+)/", "/ws/{_0}/", {"_0": r"\d+"}),
        (r"ws/(?P<pk>[\]\[)]+)/", "", {"pk": r"[\]\[)]+"}),  # more than Django's own reading of patterns can tell
        (r"ws/plain/?$", "/ws/plain", {}),
    ],
)
def test_a_regular_expression_is_turned_into_a_path(pattern: str, template: str, parameters: dict[str, str]) -> None:
    """Named and unnamed groups become parameters, each with its own expression."""
    route = only(routed(re_path(pattern, TALK)))

    assert route.path == template
    assert route.parameters == parameters


@pytest.mark.parametrize(
    "wrap",
    [
        lambda router: router,
        served,
        lambda router: Wrapper(served(router)),
        decorated,
        lambda router: functools.partial(partly, router),
        lambda router: served(decorated(Wrapper(AuthMiddlewareStack(decorated(router))))),
    ],
    ids=["router", "protocols", "object", "closure", "partial", "all"],
)
def test_wrappers_are_seen_through(wrap: Callable[[Any], Any]) -> None:
    """Middleware may be a class, a closure or a partial, around the router or around all of it."""
    assert only(wrap(routed(path("ws/", TALK)))).path == "/ws/"


def test_routers_nest() -> None:
    """The prefixes of outer routers stand in front, and so does their middleware."""
    inner = routed(path("<int:seat>/", Slow.as_asgi()), path("raw/", Raw.as_asgi()))  # type: ignore[arg-type]
    hall: Any = AuthMiddlewareStack(inner)
    application = served(routed(path("ws/", TALK), path("hall/<str:hall>/", hall)))

    found = routes(application)

    assert [route.path for route in found] == ["/ws/", "/hall/{hall}/{seat}/", "/hall/{hall}/raw/"]
    assert [(route.style, route.frames) for route in found] == [("async", "JSON"), ("sync", "JSON"), ("sync", "raw")]
    assert [route.cookies for route in found] == [False, True, True]
    assert found[1].parameters == {"hall": "[^/]+", "seat": "[0-9]+"}


def test_a_consumer_needs_no_router() -> None:
    """An application may serve one consumer on every path."""
    assert only(served(TALK)).consumer == f"{__name__}.Talk"


def test_what_refuses_the_rest_is_told_apart() -> None:
    """A route that is there to refuse is no endpoint."""
    found = routes(routed(path("ws/", TALK), re_path("", WebsocketDenier.as_asgi())))  # type: ignore[arg-type]

    assert [route.denies for route in found] == [False, True]


def test_a_plain_callable_is_a_route_too() -> None:
    """A bare ASGI application behind a path is named, though nothing is known of it."""

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        """Serve."""

    route = only(routed(path("ws/", bare)))  # type: ignore[arg-type]

    assert (route.path, route.style) == ("/ws/", "ASGI callable")
    assert route.consumer.endswith("bare")


@pytest.mark.parametrize("application", [ProtocolTypeRouter({}), object(), print, None])
def test_what_serves_no_websocket_has_no_route(application: Any) -> None:
    """Nothing is made up."""
    assert routes(application) == []


def test_what_goes_round_in_a_circle_ends() -> None:
    """A wrapper that wraps itself leads nowhere."""
    wrapper = Wrapper(None)
    wrapper.wrapped_application = Wrapper(wrapper)

    assert routes(wrapper) == []
