"""Asking a fresh process what a project serves, and making a profile of the answer."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast, get_args

from channels_conformance.names import IMPORT_DEADLINE
from channels_conformance.report.transcript import shown
from channels_conformance.services.guard import FOLDER_PREFIX, Guard
from channels_conformance.services.processes import python_env, start
from channels_conformance.services.servers import installed
from channels_conformance.subject.discovery.project import Project, find_project
from channels_conformance.subject.overlay import Plan
from channels_conformance.subject.profile import Endpoint, NoProfile, Profile, ProfileError, ServerKind
from channels_conformance.subject.reading import load
from channels_conformance.subject.route import Route

NOWHERE = "postgresql://nobody@127.0.0.1:9/nowhere"

ANSWER = "discovered.json"
STACK = "discovery.stack"

GRACE = 5.0
"""Seconds that the process has to start and to end, beside the import."""

LONGEST = 300
"""Characters of what a project said last that are told."""

_FRAME = re.compile(r'^  File "(.+)", line (\d+) in', re.MULTILINE)  # as faulthandler writes it


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


def profile_of(root: Path, *, folder: Path, deadline: float = IMPORT_DEADLINE, imported: bool = False) -> Profile:
    """Return the profile of a project; where it has none, what can be found of it. ``folder`` is for the exchange.

    The project is imported in a process of its own either way, so that an import which waits for ever, or which ends
    its process, is told by a :class:`ProfileError` and does not befall whoever asks. ``imported``: that has been seen
    to already, and only what is not in the profile needs to be asked for.
    """
    profile = _written(root)
    if profile is None:
        project = find_project(root)
        profile = _written(project.root)
        if profile is None:
            return discover(project, folder=folder, deadline=deadline).profile()
    if not imported:
        project = Project(root=profile.root, settings=profile.settings)
        _asked(_plan(project, folder, profile.application), folder, deadline)
    return profile


def _written(root: Path) -> Profile | None:
    try:
        return load(root)
    except NoProfile:
        return None


def described(root: Path, *, application: str = "") -> Discovered:
    """Return what the project in a folder serves, whether it has a profile or not."""
    with TemporaryDirectory(prefix=FOLDER_PREFIX) as folder:
        try:
            profile = load(root)
        except NoProfile:
            project = find_project(root)
        else:
            project = Project(root=profile.root, settings=profile.settings)
            application = application or profile.application
        return discover(project, folder=Path(folder), application=application)


def discover(project: Project, *, folder: Path, application: str = "", deadline: float = IMPORT_DEADLINE) -> Discovered:
    """Import a project's application in a fresh process and return what it serves; ``folder`` is for the exchange.

    Nothing of the project's is reached: the process has the settings overlay of a run without a Redis. Raises
    :class:`ProfileError` with one sentence where the settings or the application cannot be imported at all, or not
    within ``deadline`` seconds.
    """
    answer = _asked(_plan(project, folder, application), folder, deadline)
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


def _plan(project: Project, folder: Path, application: str) -> Plan:
    return Plan(
        root=str(project.root),
        settings=project.settings,
        application=application,
        celery="",
        folder=str(folder),
        journal="",
        postgres=NOWHERE,  # nothing is asked of a database, and nothing could be
        databases="conformance",
    )


def _asked(plan: Plan, folder: Path, deadline: float) -> dict[str, Any]:
    answer, stack = folder / ANSWER, folder / STACK
    answer.unlink(missing_ok=True)
    guard = Guard().start()
    try:
        process = start(
            [
                sys.executable,
                "-m",
                "channels_conformance.subject.discovery.process",
                str(answer),
                str(stack),
                str(deadline),
            ],
            env=python_env(os.environ | plan.environment(worker="discovery")),
            cwd=Path(plan.root),
            log=folder / "discovery.log",
            guard=guard,
            name="discovery",
        )
        status = process.wait(deadline + GRACE)
        last = process.last_words()
    finally:
        guard.close()
    if answer.is_file():
        return dict(json.loads(answer.read_text(encoding="utf-8")))
    waiting = stack.read_text(encoding="utf-8", errors="replace") if stack.is_file() else ""
    if status is None or waiting:
        place = next((f" in {file}:{line}" for file, line in _FRAME.findall(waiting) if file.startswith(plan.root)), "")
        raise ProfileError(
            f"{plan.root}: importing the project did not end within {deadline:g} s: something waits{place}. "
            "Have nothing wait while modules are imported, or give it longer: --import-deadline SECONDS."
        )
    raise ProfileError(
        f"{plan.root}: importing the project ended the process with status {status}, and it said: "
        f"{shown(last[-LONGEST:])}. A module that ends its process cannot be served: have it raise an exception."
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
