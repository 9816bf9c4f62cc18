"""HTTP calls that make the subject tell an audience something, as the browser of a signed-in user makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from channels_conformance.subject.browser import Browser
from channels_conformance.subject.profile import Push
from channels_conformance.subject.templates import filled_frame, filled_text


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Leave a redirect as it is: to the page for signing in, most likely, where nobody would be told anything."""


# A proxy of the environment would be asked in place of the server.
_opener = build_opener(ProxyHandler({}), _NoRedirect)


async def push(push: Push, base: str, values: Mapping[str, Any], browser: Browser, *, deadline: float) -> int:
    """Make the call on the server at ``base``; return the status of its answer, 0 where there was none."""
    quoted = {name: quote(str(value), safe="") for name, value in values.items()}
    headers = {
        "Content-Type": push.content_type,
        "Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()),
        browser.header: browser.token,
        "Origin": base,
        **{name: filled_text(value, values) for name, value in push.headers.items()},
    }
    form = push.content_type.startswith("application/x-www-form-urlencoded")
    body = filled_text(push.body, quoted) if form else filled_frame(push.body, values)
    path = filled_text(push.path, quoted)
    request = Request(base + path, data=body.encode(), headers=headers, method=push.method)  # noqa: S310 -- our server
    return await asyncio.to_thread(_status, request, deadline)


def _status(request: Request, deadline: float) -> int:
    try:
        with _opener.open(request, timeout=deadline) as answer:
            answer.read()
            return int(answer.status)
    except HTTPError as refusal:
        with refusal:
            return refusal.code
    except (OSError, HTTPException):
        return 0
