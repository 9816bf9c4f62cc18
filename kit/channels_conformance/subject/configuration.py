"""What a subject's settings come to, once everything that reads them has: asked of the objects, not of the settings."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from typing import Any

from channels.layers import channel_layers
from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.checks import ERROR, run_checks
from django.core.handlers.asgi import ASGIHandler

from channels_conformance.history import Event, History, Kind
from channels_conformance.subject.overlay import attribute
from channels_conformance.subject.profile import Profile

_ABOUT_TESTS = "debug_toolbar."
"""What the ids of checks begin with that complain of being run beside tests, which is our doing."""


def configuration(profile: Profile) -> History:
    """Return a history of CONFIGURED events: of every channel layer, and of what stands in front of every endpoint."""
    history = History()
    for alias in settings.CHANNEL_LAYERS:
        place = f'CHANNEL_LAYERS["{alias}"]'
        try:
            layer = channel_layers[alias]
        except Exception as error:  # noqa: BLE001 -- whatever a layer raises as it is made is what a handshake gets
            history.events.append(_event("unmade", f"{type(error).__name__}: {error}", place))
        else:
            history.events += [_event(name, value, place) for name, value in _layer(layer)]
    for endpoint in profile.endpoints:
        route = endpoint.route
        if route and route.origins is not None and route.cookies:
            history.events.append(_event("origins", " ".join(route.origins), f"the endpoint {endpoint.name}"))
    return history


def checked() -> History:
    """Return a history of the errors that Django's system checks find; a check that raises is one of them."""
    try:
        errors = [(error.id or "", error.msg) for error in run_checks() if error.level >= ERROR]
    except Exception as error:  # noqa: BLE001 -- a check may raise what it likes, and manage.py ends with it
        errors = [(type(error).__name__, str(error))]
    return History(
        events=[
            _event("system check", message, number) for number, message in errors if not number.startswith(_ABOUT_TESTS)
        ]
    )


def asgi_application() -> History:
    """Return a history of what ASGI_APPLICATION comes to; empty where it is not set.

    Servers are told on their command line, and who needs the setting, as runserver does, says so at once.
    """
    named = getattr(settings, "ASGI_APPLICATION", None)
    if not named:
        return History()
    try:
        application = attribute(named)
    except Exception as error:  # noqa: BLE001 -- a module may raise what it likes as it is imported
        told = f"cannot be imported: {type(error).__name__}: {error}"
    else:
        told = "takes WebSockets" if _takes_websockets(application) else "serves HTTP alone"
    return History(events=[_event("ASGI_APPLICATION", told, str(named))])


def _takes_websockets(application: Any) -> bool:
    """Return whether an application may take WebSockets, as far as can be told without calling it."""
    while isinstance(application, ASGIStaticFilesHandler):  # it hands on whatever is no static file
        application = application.application
    if isinstance(application, ProtocolTypeRouter):
        return "websocket" in application.application_mapping
    return not isinstance(application, ASGIHandler)


def _layer(layer: Any) -> Iterator[tuple[str, str]]:
    for name in ("group_expiry", "brpop_timeout"):
        if (value := getattr(layer, name, None)) is not None:
            yield name, str(value)
    if hasattr(layer, "brpop_timeout") and hasattr(layer, "create_pool"):
        for timeout in {_socket_timeout(layer.create_pool(index)) for index in range(len(layer.hosts))}:
            yield "socket_timeout", "none" if timeout is None else str(timeout)


def _socket_timeout(pool: Any) -> float | None:
    """Return how long a connection of the pool waits for an answer: as configured, or else as redis-py has it."""
    timeout = pool.connection_kwargs.get("socket_timeout", inspect.Parameter.empty)
    if timeout is inspect.Parameter.empty:
        parameters = [
            inspect.signature(one).parameters for one in pool.connection_class.__mro__ if "__init__" in vars(one)
        ]
        timeout = next((one["socket_timeout"].default for one in parameters if "socket_timeout" in one), None)
    return None if timeout is None else float(timeout)


def _event(name: str, value: str, place: str) -> Event:
    return Event(at=time.monotonic(), kind=Kind.CONFIGURED, marker=name, text=value, detail=place)
