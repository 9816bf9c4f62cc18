"""What settings come to: the application they name, and the layers that can or cannot be made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from channels.layers import channel_layers
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.handlers.asgi import ASGIHandler
from django.test.utils import override_settings

from channels_conformance.history import Kind
from channels_conformance.subject import configuration
from channels_conformance.subject.other_layers import IN_MEMORY, IN_MEMORY_WITH_HOSTS, layers_are
from channels_conformance.subject.profile import Profile

if not settings.configured:
    settings.configure(CHANNEL_LAYERS={}, USE_TZ=True)

PROFILE = Profile(root=Path(), settings="shop.settings")


class Pages(ASGIHandler):
    """Django's own application, with no middleware to load."""

    def __init__(self) -> None:
        pass


def serving(application: Any) -> Any:
    """Return an application in front of which somebody serves static files."""
    handler = ASGIStaticFilesHandler.__new__(ASGIStaticFilesHandler)
    handler.application = application
    return handler


router = ProtocolTypeRouter({"websocket": URLRouter([])})
pages = Pages()
pages_in_a_router = ProtocolTypeRouter({"http": pages})
served_router, served_pages = serving(router), serving(pages)


async def unknown(scope: Any, receive: Any, send: Any) -> None:
    """Be an application that nobody can look into."""


@pytest.mark.parametrize(
    ("name", "comes_to"),
    [
        ("router", "takes WebSockets"),
        ("served_router", "takes WebSockets"),
        ("unknown", "takes WebSockets"),
        ("pages", "serves HTTP alone"),
        ("served_pages", "serves HTTP alone"),
        ("pages_in_a_router", "serves HTTP alone"),
        ("nothing", "cannot be imported: AttributeError: module"),
    ],
)
def test_the_application_is_told_by_what_it_takes(name: str, comes_to: str) -> None:
    """Static files in front of it make no difference, and what cannot be told is given the benefit of the doubt."""
    with override_settings(ASGI_APPLICATION=f"{__name__}.{name}"):
        (event,) = configuration.asgi_application().events

    assert (event.text or "").startswith(comes_to)
    assert (event.marker, event.detail) == ("ASGI_APPLICATION", f"{__name__}.{name}")


def test_a_missing_setting_comes_to_nothing() -> None:
    """Servers are told on their command line, so that a project may do without."""
    with override_settings(ASGI_APPLICATION=""):
        assert configuration.asgi_application().events == []


def test_a_layer_that_cannot_be_made_is_told_with_what_it_raises() -> None:
    """The hosts of another layer are one too many."""
    with layers_are(IN_MEMORY_WITH_HOSTS):
        (event,) = configuration.configuration(PROFILE).of(Kind.CONFIGURED)

    assert (event.marker, event.detail) == ("unmade", 'CHANNEL_LAYERS["default"]')
    assert (event.text or "").startswith("TypeError: ")


def test_other_layers_are_there_for_a_while_only() -> None:
    """Afterwards the very layers are back that were there before."""
    before = channel_layers.backends

    with layers_are(IN_MEMORY):
        assert type(channel_layers["default"]).__name__ == "InMemoryChannelLayer"

    assert channel_layers.backends is before


@pytest.mark.parametrize("error", [RuntimeError("no"), SystemError("no")])
def test_a_check_that_raises_is_an_error(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """manage.py would end with it."""

    def raises() -> list[Any]:
        raise error

    monkeypatch.setattr(configuration, "run_checks", raises)

    (event,) = configuration.checked().events

    assert (event.text, event.detail) == ("no", type(error).__name__)
