"""What a project serves, told to a terminal: one WebSocket route after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from channels_conformance.subject.route import Route


def lines(routes: Mapping[str, Route], *, root: str) -> Iterator[str]:
    """Yield the lines that describe some routes, each under its name."""
    for name, route in routes.items():
        yield f"{name}  {route.path}"
        for title, told in _told(route, root):
            yield f"    {title:<12} {told}"


def _told(route: Route, root: str) -> Iterator[tuple[str, str]]:
    yield "pattern", route.pattern or "(every path)"
    for parameter, expression in route.parameters.items():
        converter = route.converters.get(parameter)
        yield "parameter", f"{parameter}: {expression}{f' ({converter})' if converter else ''}"
    yield "consumer", f"{route.consumer}, {route.style}, {route.frames} frames"
    if route.file:
        yield "source", f"{route.file.removeprefix(root).lstrip('/')}:{route.line}"
    if route.handlers:
        yield "handlers", ", ".join(route.handlers)
    if route.groups:
        yield "groups", ", ".join(route.groups)
    if route.subprotocols:
        yield "subprotocols", ", ".join(route.subprotocols)
    yield "in front", " > ".join(route.in_front) or "nothing"
    yield "cookies", "read" if route.cookies else "not read by any middleware of Channels"
    yield "origins", "not checked" if route.origins is None else f"checked: {', '.join(dict.fromkeys(route.origins))}"
    if route.denies:
        yield "refuses", "whatever no other route takes"
