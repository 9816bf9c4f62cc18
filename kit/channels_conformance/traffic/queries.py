"""Query strings that nobody wrote the application for, and that anybody can send.

Each is as it stands in the request: percent signs are those of the client.
"""

from __future__ import annotations

from collections.abc import Iterator

ODD = (
    "a",
    "=",
    "a=b=c",
    "?&=;",
    "a=1&a=2",
    "%",
    "%ff",
    "a=%C3%28&%FE=%00",  # no UTF-8, and a NUL
    "token=%ff&user_id=x&id=-1&page=x&since=x&room=",  # what applications commonly ask for
    "a=" + "b" * 8192,
)


def odd(own: str = "") -> Iterator[str]:
    """Yield odd query strings, and some for each key of ``own``, the query that an application does ask for."""
    yield from ODD
    for name in dict.fromkeys(part.partition("=")[0] for part in own.split("&") if part):
        yield from (name, f"{name}=", f"{name}=%ff", f"{name}=1&{name}=2")
