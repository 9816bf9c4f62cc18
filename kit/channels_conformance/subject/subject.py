"""The subject, as a spec sees it: its endpoints, and players on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

from asgiref.sync import sync_to_async
from channels.layers import channel_layers, get_channel_layer
from django.conf import settings

from channels_conformance import spec
from channels_conformance.history import Event, History, Kind
from channels_conformance.services.redis import discard, members, subscribed
from channels_conformance.services.servers import Server, ServerEnded
from channels_conformance.subject import instruments, pushing
from channels_conformance.subject.asking import Requests, answers_http, asked_for
from channels_conformance.subject.bare import Bare
from channels_conformance.subject.configuration import asgi_application, checked, configuration
from channels_conformance.subject.endpoints import Endpoints
from channels_conformance.subject.gate import Shut
from channels_conformance.subject.http_play import HttpPlay
from channels_conformance.subject.idle import IdleWatch
from channels_conformance.subject.journal import LocalReporter
from channels_conformance.subject.late import Late
from channels_conformance.subject.layer import LayerGroup
from channels_conformance.subject.layers import main_alias
from channels_conformance.subject.overlay import attribute, celery_application
from channels_conformance.subject.profile import Endpoint, Profile, Push, Task
from channels_conformance.subject.stage import InProcessStage, WireStage
from channels_conformance.subject.starting.ways import Ways
from channels_conformance.subject.tap import Application, Tap
from channels_conformance.subject.tasks import watch_tasks
from channels_conformance.subject.templates import names_in
from channels_conformance.traffic import patience
from channels_conformance.traffic.player import Player
from channels_conformance.traffic.recording import GIVEN_UP
from channels_conformance.traffic.stage import Credential
from channels_conformance.traffic.steps import Step

if TYPE_CHECKING:
    from channels_conformance.subject.run import Run

SHORT = 1.5
"""Seconds that a play waits for what must come once its spec is known to be violated, and is only made smaller; and
where what is waited for has never come yet.
"""

Over = Literal["wire", "process"]


class Subject(Endpoints):
    """The Channels project being judged, on its services. Processes are started when first needed."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.idle = IdleWatch(self)
        self.late = Late(self)
        self.ways = Ways(run)

    @property
    def profile(self) -> Profile:
        """What the subject says of itself."""
        return self.run.profile

    def servers(self, kind: str) -> list[Server]:
        """Return the server processes of one kind."""
        return self.run.servers_of(kind)

    # What is there before the first client comes

    def started(self, kind: str) -> History:
        """Return a history of how the servers of one kind started."""
        history = History()
        for name, outcome in self.run.starts(kind):
            if isinstance(outcome, ServerEnded):
                told, detail = Kind.NOT_STARTED, outcome.traceback
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                told, detail = Kind.STARTED, ""
            history.events.append(Event(at=time.monotonic(), kind=told, worker=name, detail=detail))
        self.run.histories.append(history)
        return history

    def configured(self) -> History:
        """Return a history of what the settings come to."""
        history = configuration(self.profile)
        self.run.histories.append(history)
        return history

    def checked(self) -> History:
        """Return a history of the errors that Django's system checks find."""
        return self._kept(checked())

    def asgi_application(self) -> History:
        """Return a history of what ASGI_APPLICATION comes to."""
        history = self._kept(asgi_application())
        if not history.events:
            spec.not_applicable("ASGI_APPLICATION is not set: servers are told on their command line")
        return history

    async def across_processes(self) -> History:
        """Return the history of a group that hears a message from another process."""
        alias = main_alias()
        layer = get_channel_layer(alias)
        if layer is None:
            spec.not_applicable("the subject has no channel layer")
        async with LayerGroup(layer, members=1) as group:
            self.run.histories.append(group.history)
            await group.hear_from_outside(partial(self.run.send_from_outside, alias))
        return group.history

    def _kept(self, history: History) -> History:
        self.run.histories.append(history)
        return history

    # Playing

    def stage(
        self,
        endpoint: Endpoint,
        *,
        over: Over = "wire",
        servers: list[Server] | None = None,
        inside: Callable[[Application], Application] | None = None,
    ) -> InProcessStage | WireStage:
        """Return a stage of an endpoint.

        ``servers`` narrows the workers that clients are spread over; ``inside`` is what this process puts around the
        application.
        """
        if over == "process":
            return InProcessStage(self, endpoint, inside(self.application) if inside else self.application)
        if servers is None:
            # Without a Redis the layer is in memory, and a group ends at the process.
            alone = endpoint.hears != "sender" and not self.run.redis
            servers = [self.run.server()] if alone else self.run.servers
        return WireStage(self, endpoint, servers)

    def player(
        self,
        endpoint: Endpoint,
        *,
        over: Over = "wire",
        servers: list[Server] | None = None,
        inside: Callable[[Application], Application] | None = None,
        deadline: float | None = None,
    ) -> Player:
        """Return a player on an endpoint; the history it makes is kept for the report."""
        if self.run.deaths:
            raise spec.Violation(self.run.deaths, (self.run.histories or [History()])[-1])
        stage = self.stage(endpoint, over=over, servers=servers, inside=inside)
        if deadline is None:
            answers = self.run.answers
            deadline = patience.deadline
            if spec.violated or answers.deaf(stage.name):
                deadline = min(SHORT, deadline)
            deadline = GIVEN_UP if answers.hopeless(endpoint.name, self.run.histories) else deadline
        player = Player(stage, deadline=deadline)
        self.run.histories.append(player.history)
        return player

    def gate(self, server: str = "") -> Shut:
        """Return the gate of the first server of a kind, or of this process; it is shut while its block runs."""
        return Shut(self.servers(server)[0] if server else None, deadline=patience.deadline)

    async def play(
        self, stream: Iterable[Step], endpoint: Endpoint, *, over: Over = "wire", ready: bool = True
    ) -> History:
        """Play a stream on an endpoint and return its history.

        With ``ready``, a client that joins takes part before the next step. What is about handshakes alone need not
        wait for that.
        """
        async with self.player(endpoint, over=over) as player:
            await player.play(stream, ready=ready)
        return player.history

    # The application

    @property
    def application_name(self) -> str:
        """Where the subject's ASGI application is: ``package.module.attribute``."""
        return str(self.profile.application or settings.ASGI_APPLICATION)

    @cached_property
    def application(self) -> Tap:
        """The subject's ASGI application in this process, tapped."""
        reporter = LocalReporter(self.run.journal, "in-process")
        instruments.install(reporter)
        instruments.watch_database(reporter)
        watch_tasks(reporter)
        instruments.survive_exits()
        if self.profile.celery:
            self.celery  # noqa: B018 -- what consumers queue in this process must not reach the subject's own broker
        return Tap(attribute(self.application_name), reporter)

    @cached_property
    def bare(self) -> Bare:
        """The reference app's bare applications; no other subject has any."""
        return Bare(self)

    # What can be seen from outside

    def members(self) -> dict[str, list[str]]:
        """Return who is in which group, over all channel layers that can tell."""
        if self.run.redis:
            return {
                group: channels
                for alias in settings.CHANNEL_LAYERS
                for read in (members, subscribed)
                for group, channels in read(self.run.redis, f"{self.run.redis.prefix}:{alias}").items()
            }
        groups: dict[str, list[str]] = {}
        for alias in settings.CHANNEL_LAYERS:
            for group, channels in getattr(channel_layers[alias], "groups", {}).items():
                groups[group] = list(channels)
        return groups

    def forget_members(self, channels: Collection[str]) -> None:
        """Take the channels of connections that have ended out of all groups, as nobody else will."""
        for alias in settings.CHANNEL_LAYERS:
            if self.run.redis:
                discard(self.run.redis, f"{self.run.redis.prefix}:{alias}", channels)
                continue
            for members_of_one in getattr(channel_layers[alias], "groups", {}).values():
                for channel in channels:
                    members_of_one.pop(channel, None)

    # HTTP calls

    def visit(self, server: Server, history: History | None = None) -> HttpPlay:
        """Return an HTTP play on a server, whose record goes into ``history``, or else into one of its own."""
        return HttpPlay(server, self.run.histories, history=history)

    def requests(self, history: History) -> Requests:
        """Return a way to make HTTP requests to the servers, which are kept in ``history``.

        Raise ``NotApplicable`` where the servers have nothing to answer them with: pages may be served elsewhere.
        """
        if not (self.profile.pushes or answers_http(attribute(self.application_name))):
            spec.not_applicable("the ASGI application answers no HTTP: its pages, if any, are served elsewhere")
        return Requests(self, history)

    async def asked_for(self, protocol: str) -> History:
        """Return a history of asking the application for a protocol."""
        history = History(events=[await asked_for(self.application, protocol)])
        self.run.histories.append(history)
        return history

    def has_push(self, endpoint: Endpoint) -> bool:
        """Return whether an HTTP call tells the audience of this endpoint."""
        return any(push.notifies == endpoint.name for push in self.profile.pushes)

    async def push(self, push: Push, server: Server, user: str, audience: str, text: str) -> int:
        """Have a user make an HTTP call on a server; return the status of the answer, 0 where there was none."""
        endpoint = self.profile.endpoint(push.notifies)
        await self.set_up(endpoint, audience)
        named = names_in(push.path, push.body, *push.headers.values())
        shown = await self.users.credential(user, endpoint) if {"token", "session"} & {*named} else Credential()
        values = await self.values(shown, endpoint, user=user, audience=audience, named=named)
        browser = await self.users.browser(user)
        base = server.url("", scheme="http").removesuffix("/")
        return await pushing.push(push, base, {**values, "text": text}, browser, deadline=patience.deadline)

    # Tasks

    def has_task(self, endpoint: Endpoint) -> bool:
        """Return whether a task tells users over this endpoint."""
        return any(task.notifies == endpoint.name for task in self.profile.tasks)

    def task_for(self, endpoint: Endpoint) -> Task:
        """Return the first task that tells users over this endpoint; raise LookupError where there is none."""
        for task in self.profile.tasks:
            if task.notifies == endpoint.name:
                return task
        raise LookupError(f"no task notifies the endpoint {endpoint.name}")

    async def queue(
        self, endpoint: Endpoint, user: str, text: str, *, failing: bool = False, further: Sequence[object] = ()
    ) -> str:
        """Queue the task that tells ``user`` over ``endpoint``, with ``further`` arguments; return its Celery id."""
        task = self.task_for(endpoint)
        template = task.failing if failing else task.arguments
        arguments = task.filled(template, user_id=await self.users.id(user), text=text)
        return await self.queue_with(task, [*arguments, *further])

    async def queue_with(self, task: Task, arguments: list[Any]) -> str:
        """Queue a task with these very arguments; return its Celery id."""
        self.run.celery_worker  # noqa: B018 -- started before the task is queued, so that a failure says so at once
        queued = await sync_to_async(self.celery.send_task, thread_sensitive=False)(task.task, args=arguments)
        return str(queued.id)

    async def task_ended(self, task_id: str) -> Event | None:
        """Wait until a Celery child has finished a task; None where it has not before the deadline."""
        return await self.run.journal.wait_for(
            task_id, lambda event: event.kind is Kind.TASK_ENDED, deadline=patience.deadline
        )

    @cached_property
    def celery(self) -> Any:
        """The subject's Celery application, led to the run's broker."""
        return celery_application(self.run.plan)
