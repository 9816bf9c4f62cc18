"""The processes of one run: the servers and the Celery worker that serve the subject, and what is started beside them.

Each is started once, when it is first needed, side by side with the others; a server that has ended, or hangs, is
started anew, and the spec in which that happened is told.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

from channels_conformance.checks import Anomaly, Finding
from channels_conformance.history import History, Kind
from channels_conformance.report.transcript import shown
from channels_conformance.services.brokers import Broker, start_broker
from channels_conformance.services.celery import start_worker
from channels_conformance.services.guard import Guard
from channels_conformance.services.processes import Process, ServiceError, start_python
from channels_conformance.services.redis import Redis
from channels_conformance.services.servers import Listener, Server, start_server
from channels_conformance.services.tls import Certificate
from channels_conformance.subject.overlay import Plan
from channels_conformance.subject.profile import Profile, ServerKind
from channels_conformance.traffic.client import ABNORMAL

APPLICATION = "channels_conformance.subject.worker:application"
HANGING = 2.0  # seconds in which a server that is suspected must answer, or its end be told, or it is taken to hang
LONGEST = 200  # characters of what a server said last that are told
SEND_DEADLINE = 30  # seconds in which a process that sends one message must have ended
T = TypeVar("T")

CELERY = "channels_conformance.subject.celery_worker:app"


class ServerOptions(TypedDict, total=False):
    """What a server can be started with besides: variables of its environment, words of its command line, TLS, cold."""

    env: dict[str, str]
    options: Sequence[str]
    tls: Certificate
    cold: bool


class Fleet:
    """What a run has started, and how to start more; :class:`~channels_conformance.subject.run.Run` says of what."""

    plan: Plan
    redis: Redis | None
    no_redis: str

    def __init__(self, profile: Profile, folder: Path, guard: Guard) -> None:
        self.profile = profile
        self.folder = folder
        self.guard = guard
        self.histories: list[History] = []  # of the spec that runs now
        self.deaths: list[Finding] = []  # of servers, in the spec that runs now
        self.log_offsets: dict[str, int] = {}  # where in each log the spec that runs now began
        self._starting = ThreadPoolExecutor(max_workers=4, thread_name_prefix="conformance-start")
        self._burying = threading.Lock()
        self._extra = 0
        self._brokers: dict[Broker, str] = {}
        self._spares: list[tuple[ServerKind, Future[Server]]] = []
        self._late: list[Future[Process]] = []
        self._beside: list[Future[Listener] | Future[Server]] = []

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

    def servers_of(self, kind: str) -> list[Server]:
        """Return those of one kind; how the others start need not be waited for."""
        self.bury()
        return [future.result() for (of, _), future in zip(self._names, self._servers, strict=True) if of == kind]

    def server(self, name: str = "") -> Server:
        """Return the server of a name, or the first one where none has it."""
        self.bury()
        numbers = [number for number, (_, called) in enumerate(self._names) if called == name]
        return self._servers[numbers[0] if numbers else 0].result()

    def bury(self) -> None:
        """Note which servers have ended, or hang, and begin to start others in their place."""
        with self._burying:  # the idle connections come from a thread of their own
            suspects = {worker for history in self.histories for worker in _suspects(history)}
            for number, future in enumerate(self.__dict__.get("_servers", ())):
                server = future.result() if _is_up(future) else None
                if server is None or not (ended := _ended(server, suspected=server.name in suspects)):
                    continue
                since = self.log_offsets.get(server.name, 0)
                last = server.process.log_text(since).strip().rpartition("\n")[2][:LONGEST]
                told = f"the server {server.name} {ended} while this was judged{f': {shown(last)}' if last else ''}"
                self.deaths.append(Finding(anomaly=Anomaly.CRASHED, sentence=told))
                server.kill()
                self._servers[number] = self._starting.submit(self.serve, server.kind, server.name)

    def starts(self, kind: str) -> list[tuple[str, Server | BaseException]]:
        """Return how each server of one kind started, by its name: the server, or why it did not."""
        return [
            (name, future.exception() or future.result())
            for (kind_of, name), future in zip(self._names, self._servers, strict=True)
            if kind_of == kind
        ]

    async def send_from_outside(self, alias: str, group: str, text: str) -> None:
        """Have a process of its own send a text to a group of a channel layer; return when it has."""
        process = start_python(
            ["-m", "channels_conformance.subject.sender", alias, group, text],
            env=self._environment("outside"),
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

    def silent_server(self, kind: ServerKind) -> Future[Server]:
        """Begin to start one more server of the subject, on which no spec plays."""
        starting = self._starting.submit(self.serve, kind, f"{kind}-silent")
        self._beside.append(starting)
        return starting

    def start_beside(self, name: str, start: Callable[..., Listener], served: str, plan: Plan) -> Future[Listener]:
        """Begin to start a process that serves something else of the subject's folder, under a plan of its own."""
        env = os.environ | plan.environment(worker=name)
        where = {"cwd": self.profile.root, "folder": self.folder, "guard": self.guard}
        starting = self._starting.submit(start, served, env=env, name=name, **where)
        self._beside.append(starting)
        return starting

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
        # One starts cold, as in production: what only works where a library has been imported before fails in it, and
        # what rests on hash() finds that two processes do not agree.
        return [
            self._starting.submit(self.serve, kind, name, cold=(kind, name) == self._names[-1])
            for kind, name in self._names
        ]

    @cached_property
    def _names(self) -> list[tuple[ServerKind, str]]:
        return [(kind, f"{kind}-{number}") for number, kind in enumerate(self.profile.processes, start=1)]

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
            cold=options.get("cold", False),
        )

    def _environment(self, worker: str) -> dict[str, str]:
        return os.environ | self.plan.environment(worker=worker)

    def end(self) -> None:
        """End every process that was started."""
        self._starting.shutdown(wait=True, cancel_futures=True)
        for process in self.processes:
            process.kill()  # whatever was asked of them is done, and a Celery worker takes seconds to say goodbye


def _suspects(history: History) -> Iterator[str]:
    """Yield the workers that left a handshake unanswered, or cut a connection off unasked."""
    aborted = {event.connection for event in history.of(Kind.ABORTED)}
    for event in history.of(Kind.UNANSWERED, Kind.CLOSED):
        if event.kind is Kind.UNANSWERED or (event.code == ABNORMAL and event.connection not in aborted):
            yield history.connections[event.connection].worker


def _ended(server: Server, *, suspected: bool) -> str:
    """Return how a server has ended, or that it hangs; nothing where it is well."""
    status = server.process.wait(0)
    if status is None and suspected and not server.answers(HANGING):
        # The sockets of a process that ends are closed before its end is told.
        status = server.process.wait(HANGING)
        if status is None:
            return "answered nothing any more"
    return "" if status is None else f"ended with status {status}"


def _is_up(future: Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
