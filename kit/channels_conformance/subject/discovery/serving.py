"""Whether an application has a route for the path of an endpoint: its routers are asked, as a handshake would ask them.

What cannot be known is not claimed. A consumer behind no router looks at the path by itself, and middleware may send a
client elsewhere or hide what it wraps: there, only a handshake would tell.
"""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls.exceptions import Resolver404

from channels_conformance.subject.discovery.routes import DEEPEST, consumer_class, leading_on, wrapped_by
from channels_conformance.subject.discovery.samples import plain_values
from channels_conformance.subject.templates import filled_text, names_in

if TYPE_CHECKING:
    from channels_conformance.subject.profile import Endpoint
    from channels_conformance.subject.route import Route

_USUAL = ("1", "a", "room-1", "room_1", "A1", "x@example.org", "a/b", "123e4567-e89b-12d3-a456-426614174000")
"""What parameters of a path are tried with, beside what the routes that were found admit."""

_MOST = 2000
"""Paths that are tried at most for one endpoint."""

_ANY, _NO_SLASH = "any text", "any text without a slash"

_REFUSALS = {"close", "send", "DenyConnection"}
"""The names that a consumer which is there to refuse has use for."""

_LIBRARIES = ("channels.", "django.", "asgiref.")


def unserved(application: Any, endpoint: Endpoint, found: Iterable[Route]) -> str:
    """Return why no client of an endpoint would find it, in a sentence that says what to write; nothing where one may.

    A path with parameters is unserved only where no values of theirs lead anywhere, of many that were tried, and where
    it is unlike every route: a project's own converter may admit what nobody would think of.
    """
    if endpoint.route is not None:
        return ""
    named = [route for route in found if route.path and not route.denies]
    names = names_in(endpoint.path)
    asked = _parts(endpoint.path, {})
    if names and any(_overlap(asked, _parts(route.path, route.parameters)) for route in named):
        return ""
    if any(_serves(application, path) is not False for path in _samples(endpoint.path, names, named)):
        return ""
    told = f'path = "{endpoint.path}" is no route of the project: '
    near = max((route.path for route in named), key=lambda path: _likeness(path, endpoint.path), default="")
    return told + (
        f'write path = "{near}", or another that channels-conformance discover lists.'
        if near
        else "channels-conformance discover lists those it has."
    )


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, re.sub(r"{\w+}", "{}", one), re.sub(r"{\w+}", "{}", other)).ratio()


def _samples(template: str, names: list[str], found: Iterable[Route]) -> Iterator[str]:
    """Yield paths that clients of the endpoint might ask for."""
    admitted = [value for route in found for one in route.parameters.values() for value in _plain(one)] if names else []
    values = list(dict.fromkeys((*_USUAL, *admitted)))
    filled = (
        filled_text(template, dict(zip(names, chosen, strict=True)))
        for chosen in itertools.product(values, repeat=len(names))
    )
    yield from (unquote(path) for path in itertools.islice(filled, _MOST))


def _plain(expression: str) -> list[str]:
    return list(itertools.islice(plain_values(expression), 3))


def _serves(application: Any, path: str) -> bool | None:
    """Return whether a path leads to a consumer; None where what the application is made of does not tell."""
    return _leads(application, path, 0, outermost=True)


def _leads(app: Any, path: str, depth: int, *, outermost: bool) -> bool | None:
    if depth > DEEPEST:
        return None
    if isinstance(app, ProtocolTypeRouter):
        return _leads(app.application_mapping.get("websocket"), path, depth + 1, outermost=outermost)
    if isinstance(app, URLRouter):
        answers = {_through(route, path.lstrip("/"), depth) for route in app.routes}
        return True if True in answers else None if None in answers else False
    if (consumer := consumer_class(app)) is not None:
        # With no router above it has the path to itself.
        return None if outermost else not _refuses_all(consumer)
    wrapped = wrapped_by(app)
    if wrapped is None or len(leading_on(app)) > 1 or _minds_the_path(app):
        return None
    return _leads(wrapped, path, depth + 1, outermost=outermost)


def _through(route: Any, path: str, depth: int) -> bool | None:
    try:
        matched = route.pattern.match(path)
    except Resolver404:
        return False
    return _leads(route.callback, matched[0], depth + 1, outermost=False) if matched else False


def _refuses_all(consumer: type) -> bool:
    """Return whether all that a consumer ever does with a handshake is to refuse it, as far as its source tells."""
    names = ("connect", "websocket_connect")
    own = next((vars(one)[name] for one in consumer.__mro__ for name in names if name in vars(one)), None)
    if not inspect.isfunction(own) or own.__code__.co_freevars:  # a decorator's, which may go on to another
        return False
    told = set(own.__code__.co_names)
    return bool(told & _REFUSALS) and told <= _REFUSALS | {"scope"} and "websocket.accept" not in own.__code__.co_consts


def _minds_the_path(wrapper: Any) -> bool:
    """Return whether middleware of a project speaks of the path, and so may send a client elsewhere."""
    thing: Callable[..., Any] | type = wrapper if inspect.isroutine(wrapper) else type(wrapper)
    if thing.__module__.startswith(_LIBRARIES):
        return False
    try:
        return re.search(r"""["'](raw_)?path(_remaining)?["']""", inspect.getsource(thing)) is not None
    except (OSError, TypeError):
        return True


def _parts(template: str, expressions: Mapping[str, str]) -> tuple[str, ...]:
    """Return the characters of a path, with a word for each parameter: :data:`_ANY`, or :data:`_NO_SLASH`."""
    parts: list[str] = []
    for one in re.split(r"({\w+})", template):
        expression = expressions.get(one[1:-1], "[^/]+")
        parts += [_ANY if re.fullmatch(expression, "a/b") else _NO_SLASH] if one[:1] == "{" else one
    return tuple(parts)


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Return whether two paths, of characters and of parameters, could be the same path."""
    waiting = reached = {(0, 0)}
    while waiting:
        waiting = {pair for at, there in waiting for pair in _further(one, other, at, there)} - reached
        reached = reached | waiting
    return (len(one), len(other)) in reached


def _further(one: tuple[str, ...], other: tuple[str, ...], at: int, there: int) -> Iterator[tuple[int, int]]:
    """Yield how far two paths agree one step on; a parameter ends, or takes what stands in the other path."""
    first, second = (*one, "")[at], (*other, "")[there]
    if first and (len(first) > 1 or _takes(second, first)):
        yield at + 1, there
    if second and (len(second) > 1 or _takes(first, second)):
        yield at, there + 1
    if first and first == second:
        yield at + 1, there + 1


def _takes(parameter: str, char: str) -> bool:
    return parameter == _ANY or (parameter == _NO_SLASH and char != "/")
