"""The player: plays a stream, or single steps, on a stage, and keeps the history.

A stage is whatever clients can be opened on; the subject provides one in process and one over the wire. The player
judges nothing. It never takes silence for proof: after the last step every client says a *fence*, and each waits for
the fences it must hear; see :mod:`channels_conformance.traffic.speaking`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Self, Unpack

from channels_conformance.history import Connection, Event, Kind
from channels_conformance.traffic.client import ConnectionLost
from channels_conformance.traffic.recording import ENDED
from channels_conformance.traffic.speaking import Speaking
from channels_conformance.traffic.stage import Handshake, Stage
from channels_conformance.traffic.steps import Drop, Frame, Join, Leave, Say, Step

ENOUGH_UNANSWERED = 2
"""Handshakes left without an answer after which nobody else knocks in a play: one could wait all day."""

TRIES = 3
"""Frames that an accepted intruder sends. Channels reads one ahead: who has read the third has handled the first."""


class Player(Speaking):
    """Plays on a stage, as an async context manager: on exit it sets fences, ends every client and sorts the record.

    >>> async with Player(stage) as player:
    ...     await player.join("alice", "lobby")
    ...     await player.say("alice", "hello")
    >>> player.history
    """

    def __init__(self, stage: Stage, *, deadline: float | None = None) -> None:
        super().__init__(stage, deadline=deadline)
        self._breached = False  # an intruder got in
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
                case Say():
                    # Where nobody says what a client may say, no frame of ours could be held against the subject.
                    if self._stage.hears in ("sender", "group"):
                        await self.say(step.client, step.text)
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
            audience="" if self._stage.one_audience else audience,
            hears=self._stage.hears,
            worker=self._stage.worker(worker),
        )
        if self._unanswered >= ENOUGH_UNANSWERED or not await self._open(who, **handshake):
            return False
        if ready and (who.hears != "nobody" or self._stage.pushes):
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
            if self._stage.admits_all:
                await self._try_to_take_part(client)
                return
            # It is sent away, or hears itself: either comes soon. Where it cannot hear itself, only a deadline tells.
            provable = self._stage.hears in ("sender", "group") or (self._stage.hears == "user" and user)
            if not (provable and await self.ready(client)):
                await self.ended(client)
            self._breached = self.is_in(client)
            await self.drop(client)
            await self.worker_ended(client)

    async def _try_to_take_part(self, client: str) -> None:
        """Have an intruder, who was accepted as all are, try to take part, and note which groups it is in; drop it."""
        who = self._here.get(client)
        tries: list[str] = []
        while who is not None and len(tries) < TRIES:
            tries.append(await self._try(who))
        if who is not None:
            read = self.worker_saw(client, Kind.DELIVERED, marker=tries[-1])
            await self._first_of(read, self._ended[who.id].wait())
            await self.fence()  # by whoever is entitled: what the layer was given before has arrived
            channel = await self._stage.seen(self._key(who.id), Kind.CHANNEL, deadline=0)
            groups = await self._stage.groups_of(channel.detail) if channel is not None else []
            for group in groups:
                self._record(Kind.MEMBER, who.id, detail=group)
            self._breached = bool(groups) or any(self._heard[who.id, marker].is_set() for marker in tries)
        await self.drop(client)
        await self.worker_ended(client)

    async def leave(self, client: str, code: int | None = 1000) -> None:
        """Have a client run the closing handshake; return when its worker is done with it."""
        await self._settle()
        if who := self._here.pop(client, None):
            self._note(Leave(client, code))
            self._in_flight = self._in_flight or bool(self._stage.noise)
            self._record(Kind.LEAVING, who.id, code=code)
            await self._clients[who.id].close(code)
            await self._worker_done(who.id)

    async def drop(self, client: str) -> None:
        """Have a client drop its TCP connection; return when its worker is done with it."""
        await self._settle()
        if who := self._here.pop(client, None):
            self._note(Drop(client))
            self._in_flight = self._in_flight or bool(self._stage.noise)
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

        Return whether there is a way: a consumer without a channel cannot be reached so, nor one in another process
        whose layer is in memory.
        """
        channel = await self.worker_saw(client, Kind.CHANNEL)
        return channel is not None and await self._stage.raise_in(channel.detail, channel.marker)

    def is_in(self, client: str) -> bool:
        """Return whether the client's connection is open, as far as the client knows."""
        return client in self._here

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

    async def worker_ended(self, client: str) -> None:
        """Wait until the application has ended with the client's latest connection."""
        await self._stage.ended(self._key(f"{client}#{self._joins[client]}"), deadline=self._deadline)

    async def tasks_told(self, client: str) -> None:
        """Wait until the worker has told which tasks the client's latest consumer left, if a consumer served it."""
        first = await self.worker_saw(client, Kind.INSTANCE, *ENDED)
        if first is not None and first.kind is Kind.INSTANCE:
            await self.worker_saw(client, Kind.TASKS_LEFT)

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

    async def end(self) -> None:
        """End every client, collect what the workers saw, look for members left behind, and sort the record."""
        played = self.history.script
        for client in list(self._here):
            await self.leave(client)
        self.history.script = played  # that everybody leaves in the end is no step of the stream
        await self._finish()

    async def _settle(self) -> None:
        """Let what was said arrive before a consumer ends.

        The Redis layer can lose a message that arrives in the very moment in which a receiving consumer of the same
        process is cancelled (django/channels#1683). That is not the subject's doing, so no stream provokes it. Where an
        application tells who comes and goes, as its noise says, that arrives as well before the next one goes.
        """
        if self._in_flight and self._stage.hears in ("group", "user"):
            await self.fence()
