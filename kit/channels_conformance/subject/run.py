"""One run: its folder, its guard, its Redis, its journal, and the processes that serve the subject.

Made before Django is set up, since the settings overlay needs the addresses. Closing it, or dying, leaves nothing
behind: the guard sees to both.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import traceback
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack, cast
from urllib.parse import urlsplit

import django
from channels import DEFAULT_CHANNEL_LAYER
from channels.routing import ProtocolTypeRouter
from django.conf import settings
from hypothesis.configuration import set_hypothesis_home_dir

from channels_conformance.checks import Anomaly, Finding
from channels_conformance.history import History, Kind
from channels_conformance.report.transcript import shown
from channels_conformance.services import postgres as postgres_service
from channels_conformance.services import redis as redis_service
from channels_conformance.services.brokers import Broker, start_broker
from channels_conformance.services.celery import start_worker
from channels_conformance.services.guard import Guard
from channels_conformance.services.postgres import Postgres
from channels_conformance.services.processes import Process, ServiceError, python_env, start
from channels_conformance.services.redis import Redis, RedisNotFound, Source
from channels_conformance.services.servers import Listener, Server, installed, start_server
from channels_conformance.services.tls import Certificate
from channels_conformance.subject.answers import Answers
from channels_conformance.subject.database import check_stores
from channels_conformance.subject.discovery import routed, routes, unserved
from channels_conformance.subject.hooks import Hooks
from channels_conformance.subject.journal import Journal
from channels_conformance.subject.output import said_to
from channels_conformance.subject.overlay import OverlayError, Plan, attribute, needs_postgres
from channels_conformance.subject.places import FOLDERS
from channels_conformance.subject.profile import Profile, ProfileError, ServerKind
from channels_conformance.subject.route import Route

APPLICATION = "channels_conformance.subject.worker:application"
HANGING = 2.0  # seconds after which a server that left a handshake unanswered is taken to hang
LONGEST = 200  # characters of what a server said last that are told
SEND_DEADLINE = 30  # seconds in which a process that sends one message must have ended
T = TypeVar("T")

CELERY = "channels_conformance.subject.celery_worker:app"


class ServerOptions(TypedDict, total=False):
    """What a server can be started with besides: variables of its environment, words of its command line, TLS."""

    env: dict[str, str]
    options: Sequence[str]
    tls: Certificate


class SubjectError(Exception):
    """The subject cannot be loaded; the message says what is wrong, where, and what to do."""


class Run:
    """What is started for one run; each process once, when first needed."""

    def __init__(
        self,
        profile: Profile,
        folder: Path,
        cleanups: Callable[[Callable[[], None]], None],
        *,
        redis_url: str | None = None,
        redis_source: str | None = None,
        database_url: str | None = None,
        allowed: Collection[str] = (),
        layers: tuple[str, ...] = (),
    ) -> None:
        self.profile = profile
        self.hooks = Hooks()
        self.histories: list[History] = []  # of the spec that runs now
        self.answers = Answers()  # to the handshakes of the specs before
        self.deaths: list[Finding] = []  # of servers, in the spec that runs now
        self.log_offsets: dict[str, int] = {}  # where in each log the spec that runs now began
        self.folder = folder
        self.guard = Guard().start()
        cleanups(self.close)
        self.guard.folder(self.folder)
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
            self.no_redis = str(error)
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
        self._starting = ThreadPoolExecutor(max_workers=4, thread_name_prefix="conformance-start")
        self._burying = threading.Lock()
        self._extra = 0
        self._brokers: dict[Broker, str] = {}
        self._spares: list[tuple[ServerKind, Future[Server]]] = []
        self._late: list[Future[Process]] = []
        self._beside: list[Future[Listener]] = []

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

    # Processes

    def start(self) -> None:
        """Begin to start the servers and the Celery worker side by side; the database must be there."""
        self._servers  # noqa: B018 -- begun, not awaited
        if self.profile.celery and self.profile.tasks and self.redis:
            self._celery_worker  # noqa: B018 -- likewise

    @property
    def servers(self) -> list[Server]:
        """The server processes, in the order of the profile; one that has ended, or hangs, is started anew."""
        self.bury()
        return [future.result() for future in self._servers]

    def bury(self) -> None:
        """Note which servers have ended, or hang, and begin to start others in their place."""
        with self._burying:  # the idle connections come from a thread of their own
            unanswered = {
                history.connections[event.connection].worker
                for history in self.histories
                for event in history.of(Kind.UNANSWERED)
            }
            for number, future in enumerate(self.__dict__.get("_servers", ())):
                server = future.result() if _is_up(future) else None
                if server is None or not (ended := _ended(server, suspected=server.name in unanswered)):
                    continue
                since = self.log_offsets.get(server.name, 0)
                last = server.process.log_text(since).strip().rpartition("\n")[2][:LONGEST]
                told = f"the server {server.name} {ended} while this was judged{f': {shown(last)}' if last else ''}"
                self.deaths.append(Finding(anomaly=Anomaly.CRASHED, sentence=told))
                server.kill()
                self._servers[number] = self._starting.submit(self.serve, server.kind, server.name)

    def starts(self, kind: str) -> list[tuple[str, Server | BaseException]]:
        """Return how each server of one kind started, by its name: the server, or why it did not."""
        names = [(kind_of, f"{kind_of}-{number}") for number, kind_of in enumerate(self.profile.processes, start=1)]
        return [
            (name, future.exception() or future.result())
            for (kind_of, name), future in zip(names, self._servers, strict=True)
            if kind_of == kind
        ]

    async def send_from_outside(self, group: str, text: str) -> None:
        """Have a process of its own send a text to a group of the default channel layer; return when it has."""
        command = [sys.executable, "-m", "channels_conformance.subject.sender", DEFAULT_CHANNEL_LAYER, group, text]
        process = start(
            command,
            env=python_env(self._environment("outside")),
            cwd=self.profile.root,
            log=self.folder / "outside.log",
            guard=self.guard,
        )
        if await asyncio.to_thread(process.wait, SEND_DEADLINE) != 0:
            raise ServiceError(f"A process that sends to the channel layer ended badly: {process.last_words()}.")

    @property
    def celery_worker(self) -> Process:
        """The Celery worker process; raises :class:`ServiceError` where there is no Redis for it to take tasks from."""
        if self.redis is None:
            raise ServiceError(f"There is no broker for a Celery worker. {self.no_redis}")
        return self._celery_worker.result()

    def spare_server(self, kind: ServerKind) -> None:
        """Begin to start one more server beside whatever runs, so that a spec which will ask for it need not wait."""
        self._extra += 1
        self._spares.append((kind, self._starting.submit(self.serve, kind, f"{kind}-extra{self._extra}")))

    def extra_server(self, kind: ServerKind) -> Server:
        """Give one more server, for a spec that will stop or kill it: a spare one, or one that is started now."""
        if not any(spare == kind for spare, _ in self._spares):
            self.spare_server(kind)
        taken = next(spare for spare in self._spares if spare[0] == kind)
        self._spares.remove(taken)
        return taken[1].result()

    def start_beside(self, name: str, start: Callable[..., Listener], served: str, plan: Plan) -> Future[Listener]:
        """Begin to start a process that serves something else of the subject's folder, under a plan of its own."""
        env = os.environ | plan.environment(worker=name)
        where = {"cwd": self.profile.root, "folder": self.folder, "guard": self.guard}
        self._beside.append(self._starting.submit(start, served, env=env, name=name, **where))
        return self._beside[-1]

    def broker(self, broker: Broker) -> str:
        """Return the URL of a broker of the run's own; raise :class:`ServiceError` where it cannot be had."""
        if broker not in self._brokers:
            self._brokers[broker] = start_broker(broker, folder=self.folder, guard=self.guard)
        return self._brokers[broker]

    def soon(self, start: Callable[..., T], *arguments: Any, **options: Any) -> Future[T]:
        """Begin to start something beside whatever else is being started."""
        return self._starting.submit(start, *arguments, **options)

    @property
    def processes(self) -> list[Process]:
        """Every process started so far whose log may tell something."""
        servers = [*self.__dict__.get("_servers", ()), *self._beside]
        started = [future.result().process for future in servers if _is_up(future)]
        workers = [self.__dict__.get("_celery_worker"), *self._late]
        return started + [worker.result() for worker in workers if worker is not None and _is_up(worker)]

    @cached_property
    def _servers(self) -> list[Future[Server]]:
        return [
            self._starting.submit(self.serve, kind, f"{kind}-{number}")
            for number, kind in enumerate(self.profile.processes, start=1)
        ]

    @cached_property
    def _celery_worker(self) -> Future[Process]:
        return self._starting.submit(
            start_worker,
            CELERY,
            env=self._environment("celery"),
            cwd=self.profile.root,
            folder=self.folder,
            guard=self.guard,
        )

    def late_worker(self, name: str, queue: str, variable: str) -> Future[Process]:
        """Begin to start one more Celery worker, for one queue, with a variable in its environment."""
        worker = self._starting.submit(
            start_worker,
            CELERY,
            env=self._environment(name) | {variable: "1"},
            cwd=self.profile.root,
            folder=self.folder,
            guard=self.guard,
            name=name,
            concurrency=1,
            pool="solo",
            queue=queue,
        )
        self._late.append(worker)
        return worker

    def serve(
        self, kind: ServerKind, name: str, application: str = APPLICATION, **options: Unpack[ServerOptions]
    ) -> Server:
        """Start one server of an application, the subject's own by default, in the subject's folder."""
        return start_server(
            kind,
            application,
            env=self._environment(name) | options.get("env", {}),
            cwd=self.profile.root,
            folder=self.folder,
            guard=self.guard,
            name=name,
            options=options.get("options", ()),
            tls=options.get("tls"),
        )

    def _environment(self, worker: str) -> dict[str, str]:
        return os.environ | self.plan.environment(worker=worker)

    def close(self) -> None:
        """End everything that was started, and remove what was made."""
        if hasattr(self, "_starting"):  # a Redis that refused has kept the rest from being made
            self._starting.shutdown(wait=True, cancel_futures=True)
            for process in self.processes:
                process.kill()  # whatever was asked of them is done, and a Celery worker takes seconds to say goodbye
            self.journal.close()
        self.guard.close()


def _ended(server: Server, *, suspected: bool) -> str:
    """Return how a server has ended, or that it hangs; nothing where it is well."""
    status = server.process.wait(0)
    if status is not None:
        return f"ended with status {status}"
    return "answered nothing any more" if suspected and not server.answers(HANGING) else ""


def _is_up(future: Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
