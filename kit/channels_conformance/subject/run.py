"""One run: its folder, its guard, its Redis, its journal, and the subject, loaded.

Made before Django is set up, since the settings overlay needs the addresses. Closing it, or dying, leaves nothing
behind: the guard sees to both.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import django
from channels.routing import ProtocolTypeRouter
from django.conf import settings
from hypothesis.configuration import set_hypothesis_home_dir

from channels_conformance.services import postgres as postgres_service
from channels_conformance.services import redis as redis_service
from channels_conformance.services.forking import ADDRESS
from channels_conformance.services.guard import Cleanups, Guard
from channels_conformance.services.postgres import Postgres
from channels_conformance.services.processes import ServiceError, start_fork_server
from channels_conformance.services.redis import Redis, RedisNotFound, Source
from channels_conformance.services.servers import installed
from channels_conformance.subject.answers import Answers
from channels_conformance.subject.database import check_stores
from channels_conformance.subject.discovery import routed, routes, unserved
from channels_conformance.subject.fleet import Fleet
from channels_conformance.subject.hooks import Hooks
from channels_conformance.subject.journal import Journal
from channels_conformance.subject.libraries import LIBRARIES
from channels_conformance.subject.output import said_to
from channels_conformance.subject.overlay import OverlayError, Plan, attribute, needs_postgres
from channels_conformance.subject.places import FOLDERS
from channels_conformance.subject.profile import Profile, ProfileError
from channels_conformance.subject.route import Route


class SubjectError(Exception):
    """The subject cannot be loaded; the message says what is wrong, where, and what to do."""


class Run(Fleet):
    """One subject, loaded as its servers load it, and the processes that serve it."""

    def __init__(
        self,
        profile: Profile,
        folder: Path,
        guard: Guard,
        cleanups: Cleanups,
        *,
        redis_url: str | None = None,
        redis_source: str | None = None,
        database_url: str | None = None,
        allowed: Collection[str] = (),
        layers: tuple[str, ...] = (),
        forks: bool = False,
    ) -> None:
        super().__init__(profile, folder, guard)
        cleanups(self.close)
        if forks and ADDRESS not in os.environ:  # with pytest-xdist, one serves all
            start_fork_server(LIBRARIES, folder=folder, guard=guard, cleanups=cleanups)
        self.hooks = Hooks()
        self.answers = Answers()  # to the handshakes of the specs before
        self._database_url, self._allowed = database_url, allowed
        self.postgres: Postgres | None = None  # the subject needs none, or its settings have not been read yet
        self.unserved: dict[str, str] = {}  # why no client would find an endpoint, by its name
        self.routes: list[Route] = []  # of WebSockets, as they were found
        self.no_redis = ""
        self.redis: Redis | None = None
        try:
            if redis_source == "none":
                raise RedisNotFound("None was asked for: leave out --redis-source none.")
            self.redis = redis_service.find(
                redis_url,
                guard=self.guard,
                folder=self.folder,
                source=cast("Source | None", redis_source),
                allow_remote=bool(redis_url) and urlsplit(redis_url).hostname in allowed,
            )
        except RedisNotFound as error:
            self.no_redis = str(error).removeprefix("No Redis was found. ")  # whoever tells it says so first
        self.journal = Journal()
        self.plan = Plan(
            root=str(profile.root),
            settings=profile.settings,
            application=profile.application,
            celery=profile.celery,
            folder=str(self.folder),
            journal=self.journal.address,
            redis=self.redis.url if self.redis else "",
            prefix=self.redis.prefix if self.redis else "",
            own_redis=self.redis.url if self.redis and not redis_url else "",
            layers=",".join(layers),
        )
        for name in FOLDERS:
            (folder / name).mkdir(exist_ok=True)

    def enter(self) -> None:
        """Make this process one of the run's: settings and import path are the subject's, overlaid.

        Raises :class:`SubjectError` where the subject's settings or apps cannot be loaded, ``ProfileError`` where its
        hooks cannot, and :class:`ServiceError` where they ask for a PostgreSQL that cannot be had.
        """
        os.environ.update(self.plan.environment())
        # Hypothesis keeps tables beside its examples, and would make a folder where the run was started from.
        set_hypothesis_home_dir(self.folder / "hypothesis")
        with said_to(self.folder / "imports.log"):
            self._load()

    def _load(self) -> None:
        try:
            if needs_postgres(self.plan):
                self._find_postgres()
            elif self._database_url:
                raise OverlayError(
                    "--database-url names a server, and no database of the project is a PostgreSQL. "
                    f"Leave it out, or let {self.profile.settings} use one."
                )
            django.setup()
        except ServiceError:
            raise
        except OverlayError as error:
            raise SubjectError(str(error)) from None
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            raise SubjectError(
                f"{self.profile.root}: the settings {self.profile.settings} or an app they install cannot be loaded: "
                f"{type(error).__name__}: {error} ({place.filename}:{place.lineno}). "
                f'Check "settings" in the profile, and that the project starts from that folder.'
            ) from error
        if self.profile.hooks:
            self.hooks = Hooks(self.profile.root / self.profile.hooks)
            for endpoint in self.profile.endpoints:
                if endpoint.hears in ("sender", "group") and not endpoint.say and "frame" not in self.hooks:
                    raise ProfileError(
                        f'[endpoints.{endpoint.name}] says nothing: write say = "...{{text}}...", '
                        f"or a function frame(endpoint, text) into {self.hooks.path}."
                    )
        for endpoint in self.profile.endpoints:
            check_stores(endpoint.stores, f"[endpoints.{endpoint.name}]")
        for task in self.profile.tasks:
            check_stores(task.stores, f"[tasks.{task.name}]")
        for kind in self.profile.servers:
            if not installed(kind):
                raise ProfileError(
                    f'{self.profile.root}: servers names "{kind}", and {kind} is not installed here: '
                    f"run `pip install {kind}`, or choose another server."
                )
        application = self._application()
        if isinstance(application, ProtocolTypeRouter) and "websocket" not in application.application_mapping:
            raise SubjectError(
                f"{self.profile.root}: the ASGI application has no WebSocket route: give ProtocolTypeRouter a "
                '"websocket" with a URLRouter.'
            )
        self.routes = found = routes(application)
        self.profile = routed(self.profile, found)
        reasons = {endpoint.name: unserved(application, endpoint, found) for endpoint in self.profile.endpoints}
        self.unserved = {name: reason for name, reason in reasons.items() if reason}

    def _application(self) -> Any:
        named = self.profile.application or getattr(settings, "ASGI_APPLICATION", None)
        if not named:
            raise SubjectError(
                f"{self.profile.root}: {self.profile.settings} has no ASGI_APPLICATION. Add ASGI_APPLICATION = "
                '"package.asgi.application".'
            )
        try:
            return attribute(named)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            raise SubjectError(
                f"{self.profile.root}: the application {named} cannot be imported: {type(error).__name__}: {error} "
                f"({place.filename}:{place.lineno}). Mend that first: no server could serve it."
            ) from error

    def _find_postgres(self) -> None:
        self.postgres = postgres_service.find(
            self._database_url, guard=self.guard, folder=self.folder, allowed=self._allowed
        )
        self.plan = replace(self.plan, postgres=self.postgres.url, databases=self.postgres.prefix)
        os.environ.update(self.plan.environment())

    def begin_spec(self) -> None:
        """Forget the spec before: its histories, how its servers ended, and what they logged."""
        self.answers.learn(self.histories)
        self.histories.clear()
        self.deaths.clear()
        self.log_offsets = {process.name: process.log_offset for process in self.processes}

    def close(self) -> None:
        """End everything that was started, and remove what was made."""
        self.end()
        if hasattr(self, "journal"):  # a Redis that refused has kept it from being made
            self.journal.close()
        self.guard.close()
