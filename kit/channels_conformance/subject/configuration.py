"""What a subject's settings come to, once everything that reads them has: asked of the objects, not of the settings."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from typing import Any

from channels.layers import channel_layers
from django.conf import settings

from channels_conformance.history import Event, History, Kind
from channels_conformance.subject.profile import Profile


def configuration(profile: Profile) -> History:
    """Return a history of CONFIGURED events: of every channel layer, and of what stands in front of every endpoint."""
    history = History()
    for alias in settings.CHANNEL_LAYERS:
        place = f'CHANNEL_LAYERS["{alias}"]'
        history.events += [_event(name, value, place) for name, value in _layer(channel_layers[alias])]
    for endpoint in profile.endpoints:
        route = endpoint.route
        if route and route.origins is not None and route.cookies:
            history.events.append(_event("origins", " ".join(route.origins), f"the endpoint {endpoint.name}"))
    return history


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
