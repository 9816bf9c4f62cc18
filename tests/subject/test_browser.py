"""The browser of a user comes with the token that Django would give it, wherever the secret is kept."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import override_settings

from channels_conformance.subject.browser import Browser, browser

SIGNED = "django.contrib.sessions.backends.signed_cookies"


def page(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a call was refused."""
    return HttpResponse(reason, status=403)


def refused(one: Browser, header: str) -> bool:
    """Return whether Django's middleware refuses the call of a browser."""
    request = HttpRequest()
    request.method, request.COOKIES = "POST", dict(one.cookies)
    request.META |= {header: one.token, "HTTP_HOST": "127.0.0.1"}
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(one.cookies.get(settings.SESSION_COOKIE_NAME))
    middleware = CsrfViewMiddleware(lambda _: HttpResponse())
    middleware.process_request(request)
    return middleware.process_view(request, lambda _: HttpResponse(), (), {}) is not None


@pytest.mark.parametrize(
    ("changed", "header", "sent"),
    [
        ({}, "HTTP_X_CSRFTOKEN", "X-CSRFTOKEN"),
        ({"CSRF_COOKIE_HTTPONLY": True}, "HTTP_X_CSRFTOKEN", "X-CSRFTOKEN"),
        ({"CSRF_COOKIE_NAME": "ours", "CSRF_HEADER_NAME": "HTTP_X_OURS"}, "HTTP_X_OURS", "X-OURS"),
        ({"CSRF_USE_SESSIONS": True, "SESSION_ENGINE": SIGNED}, "HTTP_X_CSRFTOKEN", "X-CSRFTOKEN"),
    ],
)
def test_django_takes_the_token(changed: Mapping[str, object], header: str, sent: str) -> None:
    """The call passes Django's own middleware, and does not with another token."""
    # Django's own page for a refusal speaks languages, for which the apps would have to be loaded.
    page = f"{__name__}.page"
    with override_settings(ALLOWED_HOSTS=["127.0.0.1"], CSRF_FAILURE_VIEW=page, **changed):
        one = browser({"lang": "en"})

        assert one.cookies["lang"] == "en"
        assert one.header == sent
        assert not refused(one, header)
        assert refused(Browser(cookies=one.cookies, token="x" * 64, header=sent), header)


def test_a_secret_that_is_there_already_is_kept() -> None:
    """The cookie that a hook made stays as it is, and the token is of it."""
    first = browser({})

    assert browser(first.cookies).cookies == first.cookies
