"""Which paths lead somewhere, and what becomes of a connection on any of them."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, cast

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path
from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.checks import answered_handshake, crashed, frames_told, knocks_answered
from channels_conformance.spec import claim, judge
from channels_conformance.subject.discovery.samples import values
from channels_conformance.subject.knocks import Knock, called, doorkeeper, knocked
from channels_conformance.subject.paths import filled
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.subject import Subject

ROUTING = "Channels docs: Routing"
NO_ROUTE = "No route found"
DOOR: Any = doorkeeper  # the types of path() know views only


@claim(
    "routing/any-admitted-path-is-survived",
    level="must",
    source=f"{ROUTING}; django/channels#1845",
    endpoint="parametrised",
)
@given(data=st.data())
async def test_any_admitted_path_is_survived(subject: Subject, endpoint: Endpoint, data: st.DataObject) -> None:
    """Whatever the pattern of a route admits, in any script and of any length, makes no consumer raise."""
    drawn = filled(endpoint.path, data.draw(values(endpoint.admits)))
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice", "lobby", ready=False)
        await player.join("bob", "elsewhere", path=drawn, ready=False)

    judge(player.history, answered_handshake, crashed)


@claim("routing/dollar-makes-the-match-whole", level="must", source=ROUTING, needs=("reference",), evidence="none")
async def test_a_dollar_makes_the_match_whole() -> None:
    """A pattern that ends with $ matches from the first character to the last, and one without takes any tail."""
    inside, before, behind = "/ws/chat/lobby/", "/evil/ws/chat/lobby/", "/ws/chat/lobby/any/thing"
    hyphen, dot = "/ws/chat/a-b/", "/ws/chat/a.b/"
    whole = await knocked(URLRouter([re_path(r"ws/chat/(?P<room>\w+)/$", DOOR)]), [inside, before, behind, hyphen, dot])
    loose = await knocked(URLRouter([re_path(r"ws/chat/(?P<room>\w+)/", DOOR)]), [inside, before, behind, hyphen, dot])

    nowhere = dict.fromkeys((hyphen, dot), NO_ROUTE)
    judge(whole, partial(knocks_answered, accepted=[inside], crashed={before: NO_ROUTE, behind: NO_ROUTE, **nowhere}))
    judge(loose, partial(knocks_answered, accepted=[inside, before, behind], crashed=nowhere))


@claim("routing/no-slash-is-appended", level="must", source=ROUTING, needs=("reference",), evidence="none")
async def test_no_slash_is_appended() -> None:
    """A path that lacks only its last slash leads nowhere, whatever APPEND_SLASH says."""
    history = await knocked(URLRouter([path("ws/chat/", DOOR)]), ["/ws/chat/", "/ws/chat"])

    judge(history, partial(knocks_answered, accepted=["/ws/chat/"], crashed={"/ws/chat": NO_ROUTE}))


@claim(
    "routing/parameters-add-up",
    level="should",
    source=f"{ROUTING}; django/channels#1428",
    needs=("reference",),
    evidence="none",
)
async def test_parameters_add_up() -> None:
    """The parameters of nested routers add up, nameless ones are dropped beside named, and a wrapped router is lost."""
    rooms = cast("Any", URLRouter([path("<int:room>/", DOOR)]))
    mixed = cast("Any", URLRouter([re_path(r"^(\w+)/(?P<room>\w+)/$", DOOR)]))
    wrapped: Any = AuthMiddlewareStack(rooms)
    routers: Any = [path("<slug:team>/plain/", rooms), path("wrapped/", wrapped), path("", mixed)]
    nested, nameless, lost = "/red/plain/7/", "/blue/attic/", "/wrapped/7/below/"
    history = await knocked(URLRouter(routers), [nested, nameless, lost])

    judge(
        history,
        partial(knocks_answered, accepted=[nested, nameless], crashed={lost: NO_ROUTE}),
        partial(frames_told, frames={nested: json.dumps({"team": "red", "room": 7}), nameless: '{"room": "attic"}'}),
    )


@claim(
    "routing/root-path-is-taken-off",
    level="should",
    source="Channels 4.1 release notes",
    needs=("reference",),
    evidence="none",
)
async def test_a_root_path_is_taken_off() -> None:
    """The outermost router takes root_path off, and leads nowhere with a path that does not begin with it."""
    inside, outside = Knock(path="/app/ws/", root_path="/app"), Knock(path="/ws/", root_path="/app")
    history = await knocked(URLRouter([path("ws/", DOOR)]), [inside, outside])

    judge(history, partial(knocks_answered, accepted=[str(inside)], crashed={str(outside): NO_ROUTE}))


@claim(
    "routing/protocols-are-routed-by-name",
    level="must",
    source="Channels 4.0 release notes",
    needs=("reference",),
    evidence="none",
)
async def test_protocols_are_routed_by_name() -> None:
    """A protocol that ProtocolTypeRouter was not given, HTTP and lifespan among them, ends with ValueError."""
    router = ProtocolTypeRouter({"websocket": doorkeeper})
    unknown = "ValueError: No application configured for scope type"

    for protocol in ("http", "lifespan"):
        judge(await called(router, {"type": protocol}), partial(knocks_answered, crashed={protocol: unknown}))
