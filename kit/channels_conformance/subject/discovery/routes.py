"""The WebSocket routes of an ASGI application, read from the objects it is made of.

Channels builds a tree: a ``ProtocolTypeRouter``, middleware around ``URLRouter`` around routes, nested as one likes. A
tree says nothing that a request would not find out, but it says it at once, for every route, and before anything runs.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from channels.consumer import AsyncConsumer, SyncConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer, JsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator, WebsocketDenier
from channels.sessions import CookieMiddleware
from django.urls.resolvers import RegexPattern, RoutePattern
from django.utils.regex_helper import normalize

from channels_conformance.subject.route import Frames, Route

_INNER = ("inner", "app", "application", "asgi_app", "_app")
"""The names under which middleware keeps what it wraps."""

_NOT_HANDLERS = ("receive", "send", "disconnect", "connect", "decode", "encode", "websocket_", "on_")

DEEPEST = 40
"""Wrappers around wrappers: more than this and they go round in a circle."""


def routes(application: Any) -> list[Route]:
    """Return the WebSocket routes of an ASGI application, in the order in which they are tried."""
    return list(_walk(application, Route(pattern="", path="/"), 0))


def _walk(app: Any, above: Route, depth: int) -> Iterator[Route]:
    if depth > DEEPEST:
        return
    if isinstance(app, ProtocolTypeRouter):
        if "websocket" in app.application_mapping:
            yield from _walk(app.application_mapping["websocket"], above, depth + 1)
    elif isinstance(app, URLRouter):
        for route in app.routes:
            for callback in _callbacks(route):
                yield from _walk(callback, _below(above, getattr(route, "pattern", "")), depth + 1)
    elif consumer := consumer_class(app):
        yield _described(above, consumer)
    elif (inner := wrapped_by(app)) is not None:
        yield from _walk(inner, _behind(above, app), depth + 1)
    elif above.pattern:
        yield replace(above, consumer=_name(app), **_source(app))


def _callbacks(route: Any) -> list[Any]:
    callback = getattr(route, "callback", None)
    if callback is not None:
        return [callback]
    # path(prefix, include(...)) gives a resolver: Channels refuses it, and so there is nothing to judge behind it.
    return []


def consumer_class(app: Any) -> type | None:
    """Return the consumer that an application makes, or None where it makes none."""
    if inspect.isclass(app) and issubclass(app, AsyncConsumer):
        return app
    found = getattr(app, "consumer_class", None)
    return found if inspect.isclass(found) else None


def wrapped_by(app: Any) -> Any:
    """Return what middleware wraps, or None where it is not seen to wrap anything."""
    for name in _INNER:
        inner = getattr(app, name, None)
        if callable(inner) and inner is not app:
            return inner
    return next(iter(leading_on(app)), None)


def leading_on(app: Any) -> list[Any]:
    """Return what middleware holds that leads to consumers, each once."""
    found = {id(one): one for one in _held(app) if one is not app and _leads_on(one)}
    return list(found.values())


def _held(app: Any) -> Iterator[Any]:
    """Yield what a wrapper holds: a partial's arguments, a function's closure and the globals it names, attributes."""
    if isinstance(app, functools.partial):
        yield from (*app.args, *app.keywords.values(), app.func)
    elif inspect.isfunction(app):
        yield from (cell.cell_contents for cell in app.__closure__ or ())
        named = (app.__globals__[name] for name in app.__code__.co_names if name in app.__globals__)
        for one in named:
            yield one.get("websocket") if isinstance(one, dict) else one
    elif hasattr(app, "__dict__"):
        yield from vars(app).values()


def _leads_on(thing: Any, seen: frozenset[int] = frozenset()) -> bool:
    """Return whether something that a wrapper holds leads to consumers, as far as can be seen."""
    if isinstance(thing, ProtocolTypeRouter | URLRouter) or consumer_class(thing):
        return True
    if not callable(thing) or inspect.isclass(thing) or id(thing) in seen:
        return False
    seen |= {id(thing)}
    if any(_leads_on(getattr(thing, name, None), seen) for name in _INNER):
        return True
    # Of functions, only those that are ASGI applications: a module's globals hold everything.
    return _serves(thing) and any(_leads_on(one, seen) for one in _held(thing))


def _serves(thing: Any) -> bool:
    """Return whether something is an ASGI application by its looks: an object, a partial, or a coroutine function."""
    if not inspect.isfunction(thing):
        return isinstance(thing, functools.partial) or inspect.iscoroutinefunction(type(thing).__call__)
    return inspect.iscoroutinefunction(thing) and next(iter(inspect.signature(thing).parameters), "") == "scope"


def _behind(above: Route, wrapper: Any) -> Route:
    front = (*above.in_front, _name(wrapper).rpartition(".")[2])
    cookies = above.cookies or isinstance(wrapper, CookieMiddleware)
    origins = above.origins
    if isinstance(wrapper, OriginValidator):
        origins = tuple(str(getattr(one, "pattern", one)) for one in wrapper.allowed_origins)
    return replace(above, in_front=front, cookies=cookies, origins=origins)


def _below(above: Route, pattern: Any) -> Route:
    written = str(pattern)
    path, parameters, converters = above.path, dict(above.parameters), dict(above.converters)
    if isinstance(pattern, RoutePattern):
        path += re.sub(r"<(?:[^>:]+:)?(\w+)>", r"{\1}", written)
        for name, converter in pattern.converters.items():
            parameters[name], converters[name] = converter.regex, _name(converter).rpartition(".")[2]
    elif isinstance(pattern, RegexPattern):
        template, names = _template(written)
        path = path + template if path and (template or not names) else ""
        groups = _groups(written)
        parameters.update({name: groups.get(name, "[^/]+") for name in names})
        written = written.removeprefix("^").removesuffix("$").removesuffix("\\Z")
    return replace(above, pattern=above.pattern + written, path=path, parameters=parameters, converters=converters)


def _template(regex: str) -> tuple[str, list[str]]:
    """Return a path with braces for a regular expression, and the names in them; no path where Django finds none."""
    try:
        template, names = normalize(regex)[0]
    except (IndexError, ValueError):  # Django trips over a parenthesis in brackets
        return "", list(_groups(regex))
    return re.sub(r"%\((\w+)\)s", r"{\1}", template).replace("%%", "%"), names


def _groups(regex: str) -> dict[str, str]:
    """Return the source of each group of a regular expression: by its name, or ``_0``, ``_1`` where it has none."""
    found: dict[str, str] = {}
    opened: list[tuple[int, str]] = []
    unnamed, in_class, at = 0, False, 0
    while at < len(regex):
        char = regex[at]
        if char == "\\":
            at += 2
            continue
        if in_class:
            in_class = char != "]" or regex[at - 1] == "["
        elif char == "[":
            in_class = True
        elif char == "(":
            named = re.match(r"\(\?P<(\w+)>", regex[at:])
            name = named[1] if named else ""
            if not named and not regex.startswith("(?", at):
                name, unnamed = f"_{unnamed}", unnamed + 1
            opened.append((at + (named.end() if named else 1), name))
        elif char == ")" and opened:
            start, name = opened.pop()
            if name:
                found[name] = regex[start:at]
        at += 1
    return found


def _described(above: Route, consumer: type) -> Route:
    frames: Frames = "unknown"
    if issubclass(consumer, AsyncJsonWebsocketConsumer | JsonWebsocketConsumer):
        frames = "JSON"
    elif hasattr(consumer, "receive"):
        frames = "raw"
    return replace(
        above,
        consumer=f"{consumer.__module__}.{consumer.__qualname__}",
        denies=issubclass(consumer, WebsocketDenier),
        style="sync" if issubclass(consumer, SyncConsumer) else "async",
        frames=frames,
        handlers=tuple(_handlers(consumer)),
        groups=tuple(listed(consumer, "groups")),
        subprotocols=tuple(_subprotocols(consumer)),
        **_source(consumer),
    )


def _handlers(consumer: type) -> Iterator[str]:
    """Yield the methods of a project's own classes that a message of their name would be handed to."""
    libraries = ("channels.", "asgiref.", "builtins")
    for name, method in inspect.getmembers(consumer, inspect.isfunction):
        own = next(one for one in consumer.__mro__ if name in vars(one))
        if name.startswith("_") or own.__module__.startswith(libraries) or hasattr(AsyncConsumer, name):
            continue
        given = [
            one
            for one in list(inspect.signature(method).parameters.values())[1:]
            if one.default is inspect.Parameter.empty
        ]
        if name.startswith(_NOT_HANDLERS):
            continue
        if len(given) == 1 and given[0].name.lstrip("_") in {"event", "message", "data", "payload", "msg", ""}:
            yield name


def _subprotocols(consumer: type) -> Iterator[str]:
    for name in ("subprotocol", "subprotocols", "accepted_subprotocols", "SUBPROTOCOLS", "SUBPROTOCOL"):
        yield from listed(consumer, name)


def listed(consumer: type, name: str) -> Iterator[str]:
    """Yield the texts that an attribute of a consumer's class holds; a property is asked only of an instance."""
    value = getattr(consumer, name, None)
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple | set | frozenset | dict):
        yield from (str(one) for one in value)


def _source(thing: Callable[..., Any] | type) -> dict[str, Any]:
    try:
        return {"file": inspect.getsourcefile(thing) or "", "line": inspect.getsourcelines(thing)[1]}
    except (OSError, TypeError):
        return {}


def _name(thing: Any) -> str:
    named = thing if inspect.isclass(thing) or inspect.isroutine(thing) else type(thing)
    return f"{named.__module__}.{named.__qualname__}"
