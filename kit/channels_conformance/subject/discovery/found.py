"""Asking a fresh process what a project serves, and making a profile of the answer."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast, get_args

from channels_conformance.services.guard import guarded_folder
from channels_conformance.services.servers import installed
from channels_conformance.subject.importing import Import
from channels_conformance.subject.profile import Endpoint, Profile, ProfileError, ServerKind
from channels_conformance.subject.project import Project
from channels_conformance.subject.route import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an application could not be imported: the exception, and the project's own line it came from."""

    error: str  # "AppRegistryNotReady: Apps aren't loaded yet."
    place: str = ""  # "chat/consumers.py:3"
    traceback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What a project serves."""

    project: Project
    application: str = ""  # the ASGI_APPLICATION setting, or what was asked for
    routes: tuple[Route, ...] = ()
    celery: str = ""
    cold: Refusal | None = None  # why it cannot be imported as a server does; with routes, importing models first helps

    def profile(self) -> Profile:
        """Return a profile that says no more than what was found: where clients may knock, and nothing of the answer.

        Raises :class:`ProfileError` where there is no route to knock at, or no server to serve it.
        """
        servers = tuple(kind for kind in get_args(ServerKind) if installed(kind))
        if not servers:
            raise ProfileError(
                f"{self.project.root}: neither {' nor '.join(get_args(ServerKind))} is installed beside the project: "
                "run `pip install daphne uvicorn`."
            )
        endpoints = tuple(
            Endpoint(name=name, path=route.path, hears="nobody", enter="unknown", route=route)
            for name, route in self.named().items()
            if route.path and not (route.denies or self._is_last_resort(route))
        )
        if not endpoints:
            raise ProfileError(
                f"{self.project.root}: {self.application} has no WebSocket route: give ProtocolTypeRouter a "
                '"websocket" with a URLRouter.'
            )
        return Profile(
            root=self.project.root,
            settings=self.project.settings,
            application=self.application,
            servers=cast("tuple[ServerKind, ...]", servers),
            celery=self.celery,
            endpoints=endpoints,
            discovered=True,
        )

    def _is_last_resort(self, route: Route) -> bool:
        """Return whether a route takes every path that others leave: it is there to refuse, and nobody's endpoint."""
        return len(self.routes) > 1 and route.pattern in ("", ".*", "/")

    def named(self) -> Mapping[str, Route]:
        """Return each route under a name of its own, made of the words of its path."""
        found: dict[str, Route] = {}
        for route in self.routes:
            words = re.findall(r"\w+", re.sub(r"{\w+}", "", route.path), re.ASCII)
            base = "-".join(word for word in words if word not in ("ws", "wss", "websocket", "api")) or "socket"
            name, number = base, 2
            while name in found:
                name, number = f"{base}-{number}", number + 1
            found[name] = route
        return found


def profile_of(importing: Import) -> Profile:
    """Return the profile of a project that is being imported; where it has none, what can be found of it.

    Raises :class:`ProfileError` with one sentence where the import waits for ever or ends its process, and where
    nothing can be found.
    """
    answer = importing.answer()
    return importing.profile or _discovered(importing.project, answer).profile()


def described(root: Path, *, application: str = "") -> Discovered:
    """Return what the project in a folder serves, whether it has a profile or not.

    Raises :class:`ProfileError` with one sentence where the settings or the application cannot be imported at all.
    """
    with contextlib.ExitStack() as stack:
        folder, guard = guarded_folder(stack.callback)
        importing = Import.begin(root, folder=folder, guard=guard, application=application)
        return _discovered(importing.project, importing.answer())


def _discovered(project: Project, answer: Mapping[str, Any]) -> Discovered:
    if answer.get("settings"):
        raise ProfileError(f"{project.root}: the settings {project.settings} cannot be used: {answer['settings']}.")
    cold = Refusal(**answer["cold"]) if answer.get("cold") else None
    if "routes" not in answer:
        raise ProfileError(
            f"{project.root}: {answer.get('application') or 'the ASGI application'} cannot be imported: "
            f"{cold.error if cold else 'no reason was given'}{f' ({cold.place})' if cold and cold.place else ''}. "
            "Mend that first: no server could serve it."
        )
    found = tuple(_route(data) for data in answer["routes"])
    return Discovered(
        project=project, application=answer["application"], celery=answer["celery"], routes=found, cold=cold
    )


def _route(data: Mapping[str, Any]) -> Route:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return Route(**fields)


def routed(profile: Profile, found: Iterable[Route]) -> Profile:
    """Return a profile whose endpoints know the routes that serve them, where their paths tell."""
    by_shape = {_shape(route.path): route for route in found}
    endpoints = tuple(
        endpoint if endpoint.route else replace(endpoint, route=by_shape.get(_shape(endpoint.path)))
        for endpoint in profile.endpoints
    )
    return replace(profile, endpoints=endpoints)


def _shape(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)
