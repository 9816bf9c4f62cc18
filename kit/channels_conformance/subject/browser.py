"""A browser, as far as HTTP calls need one: its cookies, and the CSRF token that a page would have given it.

The token is made by Django's own middleware, since where the secret behind it is kept is a setting: in a cookie of any
name, or in the session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What a browser sends by itself, and what a page has told its script to send."""

    cookies: Mapping[str, str]
    token: str
    header: str  # in which the token is sent


def browser(cookies: Mapping[str, str]) -> Browser:
    """Return a browser with these cookies that has opened a page with a form."""
    request, answer = HttpRequest(), HttpResponse()
    request.COOKIES = dict(cookies)
    if settings.CSRF_USE_SESSIONS:
        key = cookies.get(settings.SESSION_COOKIE_NAME)
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    middleware = CsrfViewMiddleware(lambda _: answer)
    middleware.process_request(request)
    token = get_token(request)
    middleware.process_response(request, answer)
    given = {name: morsel.value for name, morsel in answer.cookies.items()}
    if settings.CSRF_USE_SESSIONS:
        request.session.save()
        given[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return Browser(
        cookies={**cookies, **given},
        token=token,
        header=settings.CSRF_HEADER_NAME.removeprefix("HTTP_").replace("_", "-"),
    )
