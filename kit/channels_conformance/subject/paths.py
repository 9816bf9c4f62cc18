"""From an audience to the path that its clients connect to."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from channels_conformance.subject.discovery.samples import plain_values

if TYPE_CHECKING:
    from channels_conformance.subject.profile import Endpoint


class Paths:
    """Gives each audience of an endpoint a path of its own, which the route's pattern admits."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], dict[str, int]] = {}

    def value(self, endpoint: Endpoint, name: str, audience: str) -> str:
        """Return what a parameter is for an audience: its own name, or what the pattern admits in place of it.

        Raises LookupError where the pattern admits fewer values than there are audiences.
        """
        expression = endpoint.admits.get(name)
        if expression is None or re.fullmatch(expression, audience):
            return audience
        numbers = self._numbers.setdefault((endpoint.name, name), {})
        number = numbers.setdefault(audience, len(numbers))
        for make in _SHAPES:
            if re.fullmatch(expression, value := make(audience, number)):
                return value
        plain = _plain(expression)
        if number >= len(plain):
            raise LookupError(f"{endpoint.path} admits no more than {len(plain)} values of {{{name}}} that were found")
        return plain[number]


def filled(template: str, values: dict[str, str]) -> str:
    """Return a path with its parameters in place, percent-encoded."""
    return template.format(**{name: quote(value, safe="") for name, value in values.items()})


_SHAPES: tuple[Callable[[str, int], str], ...] = (
    lambda audience, number: f"room-{_digest(audience)}",
    lambda audience, number: f"room_{_digest(audience)}",
    lambda audience, number: f"room{_digest(audience)}",
    lambda audience, number: str(number + 1),
    lambda audience, number: str(uuid.uuid5(uuid.NAMESPACE_URL, audience)),
    lambda audience, number: _digest(audience),
)


def _digest(audience: str) -> str:
    return hashlib.sha256(audience.encode()).hexdigest()[:12]


@cache
def _plain(expression: str) -> list[str]:
    return list(plain_values(expression))
