"""Stages: where a player plays. One runs the subject's application in this process, one on its server processes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack
from urllib.parse import quote

from channels.layers import InMemoryChannelLayer, channel_layers

from channels_conformance.history import Connection, Event, Hears, Kind
from channels_conformance.report.transcript import shown
from channels_conformance.subject import database
from channels_conformance.subject.gate import HOLD_ANSWERS
from channels_conformance.subject.profile import Endpoint, ProfileError
from channels_conformance.subject.tap import HEADER, HOLD_ACCEPT, Application
from channels_conformance.subject.templates import filled_frame, filled_text
from channels_conformance.traffic.client import Client
from channels_conformance.traffic.communicator import WebsocketClient
from channels_conformance.traffic.deaf import DeafClient
from channels_conformance.traffic.in_process import InProcessClient
from channels_conformance.traffic.recording import ENDED, GIVEN_UP
from channels_conformance.traffic.stage import Credential, Handshake
from channels_conformance.traffic.wire import WireClient

if TYPE_CHECKING:
    from channels_conformance.services.servers import Server
    from channels_conformance.subject.subject import Subject

ORIGIN = "http://127.0.0.1"

LINGERING = 1.5
"""Seconds that an application has to return once its consumer has stopped: it takes none where nothing is wrong.

Nobody says anything meanwhile, and whoever listens must not be kept so for 5 s, after which redis-py 8 gives up: that
one connection outlives its consumer would end others (python/cpython#86296, django/channels_redis#422).
"""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """What a client asks for in its handshake."""

    path: str  # with its query
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    subprotocols: tuple[str, ...]


class Stage:
    """What both stages share: an endpoint of the subject, and what can be seen from outside of any process."""

    where: str

    def __init__(self, subject: Subject, endpoint: Endpoint) -> None:
        self._subject = subject
        self._endpoint = endpoint
        self.endpoint = endpoint.name
        self.name = f"{endpoint.name}, {self.where}"
        self.hears: Hears = endpoint.hears
        self.notifies = subject.run.redis is not None and subject.has_task(endpoint)
        self.admits_all = endpoint.admits_all
        self.one_audience = endpoint.hears == "nobody" and not endpoint.parameters
        self.noise = endpoint.noise
        self._baseline = subject.members()

    # What a client sends

    async def frame(self, text: str) -> str | bytes:
        """Return the frame with which a client says ``text``."""
        return await self._subject.frame(self._endpoint, text)

    async def first(self, who: Connection, credential: Credential | None) -> list[str | bytes]:
        """Return the frames that ``who`` sends once accepted, before anything else."""
        shown = await self._shown(who, credential)
        values = await self._values(who, shown)
        return [filled_frame(frame, values) for frame in self._endpoint.first if shown.fills(frame)]

    def is_noise(self, payload: str | bytes) -> bool:
        """Return whether a frame is noise."""
        return self._endpoint.is_noise(payload)

    async def _shown(self, who: Connection, credential: Credential | None) -> Credential:
        return await self._subject.users.credential(who.user, self._endpoint) if credential is None else credential

    async def _values(self, who: Connection, shown: Credential) -> dict[str, Any]:
        endpoint = self._endpoint
        return await self._subject.values(shown, endpoint, user=who.user, audience=who.audience, named=endpoint.names)

    async def _knock(self, key: str, who: Connection, **handshake: Unpack[Handshake]) -> Knock:
        endpoint = self._endpoint
        await self._subject.set_up(endpoint, who.audience)
        shown = await self._shown(who, handshake.get("credential"))
        values = await self._values(who, shown)
        quoted = {name: quote(str(value), safe="") for name, value in values.items()}
        path = handshake.get("path")
        asked = [handshake.get("query", "")]
        if path is None:
            path = filled_text(endpoint.path, quoted)
            asked += [filled_text(part, quoted) for part in endpoint.query.split("&") if shown.fills(part)]
        query = "&".join(part for part in asked if part)
        headers = {HEADER: key}
        headers |= {HOLD_ACCEPT: "1"} if handshake.get("hold_accept") else {}
        headers |= {HOLD_ANSWERS: "1"} if handshake.get("hold_answers") else {}
        for name, value in endpoint.headers.items():
            if shown.fills(value):
                headers[name] = filled_text(value, values)
        return Knock(
            path=f"{path}?{query}" if query else path,
            headers=headers,
            cookies=shown.cookies,
            subprotocols=tuple(filled_text(one, values) for one in endpoint.subprotocols if shown.fills(one)),
        )

    # What the subject can be made to do

    async def notify(self, user: str, text: str, *, failing: bool = False, further: Sequence[object] = ()) -> str:
        """Queue the task that tells ``user``, with ``further`` arguments, and such that make it fail where ``failing``.

        Return its id.
        """
        return await self._subject.queue(self._endpoint, user, text, failing=failing, further=further)

    async def push(self, user: str, audience: str, text: str, *, worker: str = "") -> int:
        """Have a user make the HTTP call that tells an audience ``text``, on a worker; return its status."""
        push = next(push for push in self._subject.profile.pushes if push.notifies == self.endpoint)
        return await self._subject.push(push, self._subject.run.server(worker), user, audience, text)

    async def groups_of(self, channel: str) -> list[str]:
        """Return the groups that hold a channel now."""
        return [group for group, channels in self._subject.members().items() if channel in channels]

    async def raise_in(self, channel: str, alias: str) -> bool:
        """Send a consumer a message of a type that no consumer handles, which Channels raises ValueError for."""
        await channel_layers[alias].send(channel, {"type": "conformance.unheard.of"})
        return True

    async def seen(self, key: str, *kinds: Kind, deadline: float, marker: str = "", since: float = 0.0) -> Event | None:
        """Wait until a worker reported one of these kinds of a connection, or of a task."""

        def found(event: Event) -> bool:
            return event.kind in kinds and event.at >= since and marker in event.as_text

        return await self._subject.run.journal.wait_for(key, found, deadline=deadline)

    async def ended(self, key: str, *, deadline: float) -> Event | None:
        """Wait until a worker reported that the application has ended with a connection.

        Where it outlives its consumer, the consumer's stop is returned, and the application not waited for long.
        """
        ended = await self.seen(key, *ENDED, Kind.STOPPED, deadline=deadline)
        if ended is None or ended.kind is not Kind.STOPPED:
            return ended
        answers = self._subject.run.answers
        patience = min(deadline, GIVEN_UP if answers.lingers(self.endpoint) else LINGERING)
        returned = await self.seen(key, *ENDED, deadline=patience)
        if returned is None and patience > GIVEN_UP:  # a play that has given up waits for nothing in full
            answers.lingered(self.endpoint)
        return returned or ended

    def proved(self, *, heard: bool) -> None:
        """Take note that a client has heard its own first fence, or has waited for it in vain."""
        self._subject.run.answers.proved(self.name, heard=heard)

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

    async def forget_members(self, channels: Collection[str]) -> None:
        """Take channels out of all groups, so that what one play left behind is no business of the next."""
        self._subject.forget_members(channels)

    async def stored(self, markers: Iterable[str]) -> list[Event]:
        """Return the rows that carry these markers, where the endpoint or its task stores what is said."""
        stores = self._endpoint.stores
        if stores is None and self._subject.has_task(self._endpoint):
            stores = self._subject.task_for(self._endpoint).stores
        return await database.stored(stores, markers) if stores else []


class WireStage(Stage):
    """The subject's server processes, one lane each."""

    where = "over the wire"

    def __init__(self, subject: Subject, endpoint: Endpoint, servers: list[Server]) -> None:
        super().__init__(subject, endpoint)
        self._servers = servers
        self.workers = len(servers)
        self.pushes = subject.has_push(endpoint)

    def worker(self, index: int) -> str:
        """Return the name of a worker; any index is good."""
        return self._servers[index % len(self._servers)].name

    async def raise_in(self, channel: str, alias: str) -> bool:
        """Send a consumer what it has no handler for, unless its layer is in memory: what is sent here stays here."""
        in_memory = isinstance(channel_layers[alias], InMemoryChannelLayer)
        return not in_memory and await super().raise_in(channel, alias)

    async def client(self, key: str, who: Connection, **handshake: Unpack[Handshake]) -> Client:
        """Return an unopened client of ``who``'s worker."""
        server = next(server for server in self._servers if server.name == who.worker)
        knock = await self._knock(key, who, **handshake)
        for name in knock.subprotocols:
            if not _TOKEN.fullmatch(name):
                raise ProfileError(
                    f"[endpoints.{self.endpoint}]: a subprotocol cannot be {shown(name)!r}, which no browser would "
                    "offer: encode it in letters, digits, hyphens and underscores."
                )
        origin = handshake.get("origin")
        client = WireClient(
            server.url(knock.path),
            origin=origin,
            send_origin=origin != "",
            cookies=knock.cookies,
            headers=[*knock.headers.items(), *handshake.get("headers", ())],
            subprotocols=knock.subprotocols,
            pongs=handshake.get("pongs", True),
        )
        return DeafClient(client) if handshake.get("deaf") else client


class InProcessStage(Stage):
    """The subject's application in this very process; no server could deliver here what comes after a close."""

    where = "in process"
    workers = 1
    pushes = False  # an HTTP call is answered by a server

    def __init__(self, subject: Subject, endpoint: Endpoint, application: Application) -> None:
        super().__init__(subject, endpoint)
        self._application = application

    def worker(self, index: int) -> str:
        """Return the name of the only worker."""
        return "in-process"

    async def client(self, key: str, who: Connection, **handshake: Unpack[Handshake]) -> Client:
        """Return an unopened in-process client."""
        knock = await self._knock(key, who, **handshake)
        origin = handshake.get("origin")
        return InProcessClient(
            WebsocketClient(
                self._application,
                knock.path,
                headers=[(name.encode(), value.encode()) for name, value in knock.headers.items()],
                subprotocols=knock.subprotocols,
                cookies=knock.cookies,
                origin=ORIGIN if origin is None else origin or None,
            )
        )
