"""Stages: where a player plays. One runs the subject's application in this process, one on its server processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from channels.layers import channel_layers

from channels_conformance.history import Connection, Event, Hears, Kind
from channels_conformance.subject import database
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.tap import HEADER, HOLD_ACCEPT
from channels_conformance.traffic.client import Client
from channels_conformance.traffic.communicator import WebsocketClient
from channels_conformance.traffic.deaf import DeafClient
from channels_conformance.traffic.in_process import InProcessClient
from channels_conformance.traffic.wire import WireClient

if TYPE_CHECKING:
    from channels_conformance.services.servers import Server
    from channels_conformance.subject.subject import Subject

ORIGIN = "http://127.0.0.1"


class Stage:
    """What both stages share: an endpoint of the subject, and what can be seen from outside of any process."""

    def __init__(self, subject: Subject, endpoint: Endpoint) -> None:
        self._subject = subject
        self._endpoint = endpoint
        self.endpoint = endpoint.name
        self.hears: Hears = endpoint.hears
        self.notifies = subject.run.redis is not None and subject.has_task(endpoint)
        self._baseline = subject.members()

    def frame(self, text: str) -> str:
        """Return the frame with which a client says ``text``."""
        return self._endpoint.frame(text)

    async def notify(self, user: str, text: str, *, failing: bool = False) -> str:
        """Queue the task that tells ``user``, with arguments that make it fail where ``failing``; return its id."""
        return await self._subject.queue(self._endpoint, user, text, failing=failing)

    async def raise_in(self, channel: str, alias: str) -> None:
        """Send a consumer a message of a type that no consumer handles, which Channels raises ValueError for."""
        await channel_layers[alias].send(channel, {"type": "conformance.unheard.of"})

    async def seen(self, key: str, *kinds: Kind, deadline: float, marker: str = "", since: float = 0.0) -> Event | None:
        """Wait until a worker reported one of these kinds of a connection, or of a task."""

        def found(event: Event) -> bool:
            return event.kind in kinds and event.at >= since and marker in (event.text or "")

        return await self._subject.run.journal.wait_for(key, found, deadline=deadline)

    def collect(self, keys: Iterable[str], *, since: float) -> list[Event]:
        """Return and forget what workers reported of these connections, and of none since then."""
        journal = self._subject.run.journal
        events = [event for key in keys for event in journal.forget(key)]
        return events + [event for event in journal.forget("") if event.at >= since]

    async def members_left(self) -> list[str]:
        """Return the groups that hold a member which they did not hold before the play."""
        return [
            group
            for group, channels in self._subject.members().items()
            if set(channels) - set(self._baseline.get(group, ()))
        ]

    async def stored(self, markers: Iterable[str]) -> list[Event]:
        """Return the rows that carry these markers, where the endpoint or its task stores what is said."""
        stores = self._endpoint.stores
        if stores is None and self._subject.has_task(self._endpoint):
            stores = self._subject.task_for(self._endpoint).stores
        return await database.stored(stores, markers) if stores else []

    async def _cookies(self, who: Connection, cookies: Mapping[str, str] | None) -> dict[str, str]:
        return await self._subject.users.cookies(who.user) if cookies is None else dict(cookies)

    def _path(self, who: Connection, path: str | None) -> str:
        return self._subject.path(self._endpoint, who.audience) if path is None else path


class WireStage(Stage):
    """The subject's server processes, one lane each."""

    def __init__(self, subject: Subject, endpoint: Endpoint, servers: list[Server]) -> None:
        super().__init__(subject, endpoint)
        self._servers = servers
        self.workers = len(servers)

    def worker(self, index: int) -> str:
        """Return the name of a worker; any index is good."""
        return self._servers[index % len(self._servers)].name

    async def client(
        self,
        key: str,
        who: Connection,
        *,
        origin: str | None = None,
        cookies: Mapping[str, str] | None = None,
        subprotocols: Iterable[str] | None = None,
        path: str | None = None,
        headers: Mapping[str, str] | None = None,
        hold_accept: bool = False,
        deaf: bool = False,
    ) -> Client:
        """Return an unopened client of ``who``'s worker."""
        server = next(server for server in self._servers if server.name == who.worker)
        client = WireClient(
            server.url(self._path(who, path)),
            origin=origin,
            send_origin=origin != "",
            cookies=await self._cookies(who, cookies),
            headers=_named(key, headers, hold_accept=hold_accept),
            subprotocols=self._endpoint.subprotocols if subprotocols is None else subprotocols,
        )
        return DeafClient(client) if deaf else client


class InProcessStage(Stage):
    """The subject's application in this very process."""

    workers = 1

    def worker(self, index: int) -> str:
        """Return the name of the only worker."""
        return "in-process"

    async def client(
        self,
        key: str,
        who: Connection,
        *,
        origin: str | None = None,
        cookies: Mapping[str, str] | None = None,
        subprotocols: Iterable[str] | None = None,
        path: str | None = None,
        headers: Mapping[str, str] | None = None,
        hold_accept: bool = False,
        deaf: bool = False,  # there is no server that could deliver what comes after a close
    ) -> Client:
        """Return an unopened in-process client."""
        named = _named(key, headers, hold_accept=hold_accept)
        return InProcessClient(
            WebsocketClient(
                self._subject.application,
                self._path(who, path),
                headers=[(name.encode(), value.encode()) for name, value in named.items()],
                subprotocols=self._endpoint.subprotocols if subprotocols is None else subprotocols,
                cookies=await self._cookies(who, cookies),
                origin=ORIGIN if origin is None else origin or None,
            )
        )


def _named(key: str, headers: Mapping[str, str] | None, *, hold_accept: bool) -> dict[str, str]:
    """Return the headers of a handshake, with those that are for the worker's tap."""
    return {HEADER: key, **({HOLD_ACCEPT: "1"} if hold_accept else {}), **(headers or {})}
