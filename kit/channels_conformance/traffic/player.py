"""The player: plays a stream, or single steps, on a stage, and keeps the history.

A stage is whatever clients can be opened on; the subject provides one in process and one over the wire. The player
judges nothing. It never sleeps and never takes silence for proof: after the last step every client says a *fence*, and
each waits for the fences it must hear. Channels keep the order of one sender, so once a fence has arrived, nothing that
its sender said before can still be under way. A bounded wait ends only a play that has failed already.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import defaultdict
from collections.abc import Iterable
from typing import Self, Unpack

from channels_conformance.history import Connection, Event, Kind
from channels_conformance.traffic.client import ConnectionLost
from channels_conformance.traffic.recording import DEADLINE, ENDED, Recording
from channels_conformance.traffic.stage import Handshake, Stage
from channels_conformance.traffic.steps import Drop, Frame, Join, Leave, Say, Step

# No two markers of a session are alike, since a database keeps what earlier plays said.
_numbers = itertools.count(1)


class Player(Recording):
    """Plays on a stage, as an async context manager: on exit it sets fences, ends every client and sorts the record.

    >>> async with Player(stage) as player:
    ...     await player.join("alice", "lobby")
    ...     await player.say("alice", "hello")
    >>> player.history
    """

    ENDED = ENDED

    def __init__(self, stage: Stage, *, deadline: float = DEADLINE) -> None:
        super().__init__(stage, deadline=deadline)
        self.intruders: set[str] = set()  # the connections that must not be let in
        self._breached = False  # one of them got in
        self._in_flight = False
        self._joins: defaultdict[str, int] = defaultdict(int)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self.fence()
        await self.end()

    @property
    def workers(self) -> int:
        """How many workers the stage has."""
        return self._stage.workers

    # Steps. What a client is to do whose connection the subject has ended, or never accepted, is passed over.

    async def play(self, stream: Iterable[Step], *, ready: bool = True) -> None:
        """Play a stream, step by step; with ``ready``, go on from a join once the client takes part."""
        for step in stream:
            match step:
                case Join():
                    await self.join(step.client, step.audience, worker=step.worker, ready=ready)
                case Say() if self._stage.hears in ("sender", "group"):
                    await self.say(step.client, step.text)
                case Say():
                    await self.frame(step.client, step.text)
                case Frame():
                    await self.frame(step.client, step.payload)
                case Leave():
                    await self.leave(step.client, step.code)
                case Drop():
                    await self.drop(step.client)

    async def join(
        self,
        client: str,
        audience: str = "",
        *,
        worker: int = 0,
        user: str | None = None,
        ready: bool = True,
        barred: bool = False,
        **handshake: Unpack[Handshake],
    ) -> bool:
        """Open a connection and return whether it was accepted; with ``ready``, wait until it takes part.

        ``user`` is who it signs in as: by default the client's own name; "" is nobody. ``barred`` notes that it must
        not be let in. Further options go to the stage: see :class:`Handshake`.
        """
        self._note(Join(client, audience, worker))
        self._joins[client] += 1
        if barred:
            self.intruders.add(f"{client}#{self._joins[client]}")
        who = Connection(
            id=f"{client}#{self._joins[client]}",
            client=client,
            user=client if user is None else user,
            endpoint=self._stage.endpoint,
            audience=audience,
            hears=self._stage.hears,
            worker=self._stage.worker(worker),
        )
        if not await self._open(who, **handshake):
            return False
        if ready and who.hears != "nobody":
            await self.ready(client)
        return True

    async def intrude(
        self,
        client: str,
        audience: str = "",
        *,
        worker: int = 0,
        user: str = "",
        **handshake: Unpack[Handshake],
    ) -> None:
        """Have a client knock that must not be let in; return when it has been sent away, or is known to be in.

        Further options are those of :meth:`join`. Whoever got in is dropped, and does not disturb the rest of the play;
        after that nobody else knocks, for the door is known to be open.
        """
        if self._breached:
            return
        if await self.join(client, audience, worker=worker, user=user, ready=False, barred=True, **handshake):
            # It is sent away, or hears itself: either comes soon. Where it cannot hear itself, only a deadline tells.
            provable = self._stage.hears in ("sender", "group") or (self._stage.hears == "user" and user)
            if not (provable and await self.ready(client)):
                await self.ended(client)
            self._breached = self.is_in(client)
            await self.drop(client)
            await self.worker_saw(client, *ENDED)

    async def ready(self, client: str) -> bool:
        """Have a client prove that it takes part: its own fence comes back to it. Return whether it did."""
        who = self._here.get(client)
        if who is None:
            return False
        marker = await self._fence_of(who)
        if marker and await self._hears(who.id, marker):
            self._record(Kind.READY, who.id)
            return True
        return False

    async def say(self, client: str, text: str = "") -> str:
        """Have a client say a text that its audience must hear; return the marker that was put in front of it."""
        marker = f"~m{next(_numbers)}~"
        said = f"{marker}{text}"
        if who := self._here.get(client):
            self._note(Say(client, text))
            self._in_flight = True
            await self._send(who.id, Kind.SAID, self._stage.frame(said), text=said, marker=marker)
        return marker

    async def say_in_vain(self, client: str, text: str) -> str:
        """Have a client say a text that must be neither stored nor heard by others; return its marker."""
        marker = f"~m{next(_numbers)}~"
        said = f"{marker}{text}"
        if who := self._here.get(client):
            self._note(Say(client, text))
            self._in_flight = True
            await self._send(who.id, Kind.DOOMED, self._stage.frame(said), text=said, marker=marker)
        return marker

    async def frame(self, client: str, payload: str | bytes) -> None:
        """Have a client send a raw frame that nobody need hear."""
        text, data = (payload, None) if isinstance(payload, str) else (None, payload)
        if who := self._here.get(client):
            self._note(Frame(client, payload))
            await self._send(who.id, Kind.SENT, payload, text=text, data=data)

    async def leave(self, client: str, code: int | None = 1000) -> None:
        """Have a client run the closing handshake; return when its worker is done with it."""
        await self._settle()
        if who := self._here.pop(client, None):
            self._note(Leave(client, code))
            self._record(Kind.LEAVING, who.id, code=code)
            await self._clients[who.id].close(code)
            await self._worker_done(who.id)

    async def drop(self, client: str) -> None:
        """Have a client drop its TCP connection; return when its worker is done with it."""
        await self._settle()
        if who := self._here.pop(client, None):
            self._note(Drop(client))
            self._record(Kind.ABORTED, who.id)
            await self._clients[who.id].abort()
            await self._worker_done(who.id)

    async def ping(self, client: str) -> bool:
        """Return whether the client's worker answers a protocol ping before the deadline."""
        who = self._here.get(client)
        if who is None:
            return False
        self._record(Kind.PING, who.id)
        try:
            async with asyncio.timeout(self._deadline):
                await self._clients[who.id].ping()
        except (TimeoutError, ConnectionLost):
            return False
        self._record(Kind.PONG, who.id)
        return True

    async def raise_in_handler(self, client: str) -> bool:
        """Make a handler of the client's consumer raise, by a channel layer message that has no handler.

        Return whether there is a way: a consumer without a channel cannot be reached so.
        """
        channel = await self.worker_saw(client, Kind.CHANNEL)
        if channel is not None:
            await self._stage.raise_in(channel.detail, channel.marker)
        return channel is not None

    # Waiting for what must come

    async def fence(self) -> None:
        """Have every client that is in say a fence, and wait until each has heard what it must of them.

        Tasks do not keep the order in which they were queued, so a fence is queued once those before it have ended.
        """
        self._in_flight = False
        await asyncio.gather(*(self.task_ended(marker) for marker in self._tasks.values()))
        members = [who for who in self._here.values() if who.id not in self.intruders]
        fences = [(who, await self._fence_of(who)) for who in members]
        waits = [
            self._hears(listener.id, marker)
            for sayer, marker in fences
            if marker
            for listener in members
            if self._must_hear(listener, sayer)
        ]
        await asyncio.gather(*waits)

    def is_in(self, client: str) -> bool:
        """Return whether the client's connection is open, as far as the client knows."""
        return client in self._here

    async def heard(self, client: str, marker: str) -> bool:
        """Wait until a client has received a frame that carries the marker; False at the deadline, or at its end."""
        who = self._here.get(client)
        return who is not None and await self._hears(who.id, marker)

    async def ended(self, client: str, *, deadline: float | None = None) -> bool:
        """Wait until the connection of a client has ended; return whether it did before the deadline."""
        who = self._here.get(client)
        if who is None:
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline or self._deadline):
                await self._ended[who.id].wait()
        return client not in self._here

    async def worker_saw(self, client: str, *kinds: Kind, marker: str = "") -> Event | None:
        """Wait until the worker has reported one of these kinds of the client's latest connection."""
        key = self._key(f"{client}#{self._joins[client]}")
        return await self._stage.seen(key, *kinds, deadline=self._deadline, marker=marker)

    async def waits_for_the_database(self, client: str) -> bool:
        """Wait until the worker has begun to write what the client said last; False at the deadline."""
        who = self._here.get(client)
        said = self.history.of(Kind.SAID, connection=who.id)[-1:] if who else []
        for event in said:
            key, kinds = self._key(event.connection), (Kind.QUERY, Kind.ORM_ON_LOOP)
            seen = await self._stage.seen(key, *kinds, deadline=self._deadline, marker="writes", since=event.at)
            return seen is not None
        return False

    async def look(self, marker: str) -> None:
        """Look, from outside, whether the row that carries a marker can be seen by now."""
        rows = await self._stage.stored([marker])
        self._record(Kind.LOOKED, "", marker=marker, code=len(rows))

    async def tell(self, client: str, text: str = "") -> str:
        """Bring about a message that a client must hear, by its own words or by the subject's; return its marker."""
        if self._stage.hears != "user":
            return await self.say(client, text)
        marker = await self.notify(self._here[client].user, text)
        await self.heard(client, marker)
        return marker

    async def notify(self, user: str, text: str = "") -> str:
        """Make the subject tell a user something; return its marker."""
        return await self._queue(Kind.QUEUED, user, text)

    async def notify_in_vain(self, user: str, text: str = "", *, failing: bool = True) -> str:
        """Queue a task for a user that must fail, by its arguments where ``failing``; return its marker."""
        return await self._queue(Kind.DOOMED, user, text, failing=failing)

    async def task_ended(self, marker: str) -> bool:
        """Wait until the task that carries this marker has ended; False at the deadline."""
        for task, carried in self._tasks.items():
            if carried == marker:
                return await self._stage.seen(task, Kind.TASK_ENDED, deadline=self._deadline) is not None
        return False

    async def end(self) -> None:
        """End every client, collect what the workers saw, look for members left behind, and sort the record."""
        played = self.history.script
        for client in list(self._here):
            await self.leave(client)
        self.history.script = played  # that everybody leaves in the end is no step of the stream
        await self._finish()

    def _note(self, step: Step) -> None:
        self.history.script += (str(step),)

    async def _settle(self) -> None:
        """Let what was said arrive before a consumer ends.

        The Redis layer can lose a message that arrives in the very moment in which a receiving consumer of the same
        process is cancelled (django/channels#1683). That is not the subject's doing, so no stream provokes it.
        """
        if self._in_flight and self._stage.hears in ("group", "user"):
            await self.fence()

    # Plumbing

    async def _fence_of(self, who: Connection) -> str:
        marker = f"~f{next(_numbers)}~"
        if who.hears == "user":
            if not who.user or not self._stage.notifies:  # no task tells somebody who is nobody
                return ""
            self._record(Kind.FENCE, who.id, marker=marker)
            self._tasks[await self._stage.notify(who.user, marker)] = marker
            return marker
        if who.hears == "nobody":
            return ""
        return (
            marker
            if await self._send(who.id, Kind.FENCE, self._stage.frame(marker), text=marker, marker=marker)
            else ""
        )

    async def _queue(self, kind: Kind, user: str, text: str, *, failing: bool = False) -> str:
        marker = f"~m{next(_numbers)}~"
        if not self._stage.notifies:
            return ""
        text = f"{marker}{text}"
        self._record(kind, "", text=text, marker=marker, detail=user)
        self._in_flight = True
        self._tasks[await self._stage.notify(user, text, failing=failing)] = marker
        return marker

    @staticmethod
    def _must_hear(listener: Connection, sayer: Connection) -> bool:
        match sayer.hears:
            case "group":
                return listener.audience == sayer.audience
            case "user":
                return listener.user == sayer.user
            case _:
                return listener.id == sayer.id
