"""What the clients of a play say and are told, and the fences that prove that nothing else is under way.

Nothing here sleeps or takes silence for proof. Channels keep the order of one sender, so once a fence has arrived,
nothing that its sender said before can still be on its way. A bounded wait ends only a play that has failed already.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence

from channels_conformance.history import Connection, Event, Kind
from channels_conformance.traffic.recording import GIVEN_UP, Recording
from channels_conformance.traffic.stage import Stage
from channels_conformance.traffic.steps import Frame, Say, Step

# No two markers of a session are alike, since a database keeps what earlier plays said.
_numbers = itertools.count(1)


class Speaking(Recording):
    """A record in which clients speak, and the subject is made to tell them something."""

    def __init__(self, stage: Stage, *, deadline: float | None = None) -> None:
        super().__init__(stage, deadline=deadline)
        self.intruders: set[str] = set()  # the connections that must not be let in
        self._proved: set[str] = set()  # the connections that have proved to take part

    # What clients say

    async def ready(self, client: str) -> bool:
        """Have a client prove that it takes part: its own fence comes back to it. Return whether it did.

        Whoever has proved that already hears the fence too, before it may leave; see ``Player._settle()``.
        """
        who = self._here.get(client)
        if who is None:
            return False
        marker = await self._fence_of(who)
        waited = self._deadline > GIVEN_UP and who.id not in self.intruders
        if not marker or not await self._hears(who.id, marker):
            if marker and waited and not self._ended[who.id].is_set():
                self._stage.proved(heard=False)
            return False
        self._stage.proved(heard=True)
        self._record(Kind.READY, who.id)
        others = [other for other in self._here.values() if other.id in self._proved and self._must_hear(other, who)]
        await asyncio.gather(*(self._hears(other.id, marker) for other in others))
        self._proved.add(who.id)
        return True

    async def say(self, client: str, text: str = "") -> str:
        """Have a client say a text that its audience must hear; return the marker that was put in front of it."""
        return await self._say(client, text, Kind.SAID)

    async def say_in_vain(self, client: str, text: str) -> str:
        """Have a client say a text that must be neither stored nor heard by others; return its marker."""
        return await self._say(client, text, Kind.DOOMED)

    async def frame(self, client: str, payload: str | bytes) -> None:
        """Have a client send a raw frame that nobody need hear."""
        text, data = (payload, None) if isinstance(payload, str) else (None, payload)
        if who := self._here.get(client):
            self._note(Frame(client, payload))
            await self._send(who.id, Kind.SENT, payload, text=text, data=data)

    # What the subject is made to tell

    async def tell(self, client: str, text: str = "") -> str:
        """Bring about a message that a client must hear, by its own words or by the subject's; return its marker."""
        if self._stage.hears != "user":
            return await self.say(client, text)
        who = self._here[client]
        if self._stage.notifies or not self._stage.pushes:
            marker = await self.notify(who.user, text)
        else:
            marker = await self.push(who.user, who.audience, text)
        await self.heard(client, marker)
        return marker

    async def notify(self, user: str, text: str = "", *, further: Sequence[object] = ()) -> str:
        """Make the subject tell a user something, by a task with ``further`` arguments if any; return its marker."""
        return await self._queue(Kind.QUEUED, user, text, further=further)

    async def notify_in_vain(self, user: str, text: str = "", *, failing: bool = True) -> str:
        """Queue a task for a user that must fail, by its arguments where ``failing``; return its marker."""
        return await self._queue(Kind.DOOMED, user, text, failing=failing)

    async def push(self, user: str, audience: str = "", text: str = "", *, worker: int = 0) -> str:
        """Have a user make the HTTP call that tells an audience a text, wait until it is heard, return its marker."""
        marker = f"~m{next(_numbers)}~"
        text = self._sayable(f"{marker}{text}")
        began = time.monotonic()
        self._in_flight = True
        status = await self._stage.push(user, audience, text, worker=self._stage.worker(worker))
        told = user if self._stage.hears == "user" else "" if self._stage.one_audience else audience
        event = Event(at=began, kind=Kind.PUSHED, text=text, marker=marker, detail=told, code=status)
        self.history.events.append(event)
        members = [who for who in self._here.values() if who.id not in self.intruders]
        hearers = [who for who in members if told == (who.user if who.hears == "user" else who.audience)]
        if status:
            await asyncio.gather(*(self._hears(who.id, marker) for who in hearers))
        return marker

    async def task_ended(self, marker: str) -> bool:
        """Wait until the task that carries this marker has ended; False at the deadline."""
        for task, carried in self._tasks.items():
            if carried == marker:
                return await self._stage.seen(task, Kind.TASK_ENDED, deadline=self._deadline) is not None
        return False

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

    async def heard(self, client: str, marker: str) -> bool:
        """Wait until a client has received a frame that carries the marker; False at the deadline, or at its end."""
        who = self._here.get(client)
        return who is not None and await self._hears(who.id, marker)

    # Plumbing

    def _note(self, step: Step) -> None:
        self.history.script += (str(step),)

    def _sayable(self, text: str) -> str:
        """Return a text without the words that would make a frame noise."""
        while found := next((word for word in self._stage.noise if word in text), ""):
            text = text.replace(found, "")
        return text

    async def _say(self, client: str, text: str, kind: Kind) -> str:
        marker = f"~m{next(_numbers)}~"
        said = self._sayable(f"{marker}{text}")
        if who := self._here.get(client):
            self._note(Say(client, text))
            self._in_flight = True
            await self._send(who.id, kind, await self._stage.frame(said), text=said, marker=marker)
        return marker

    async def _fence_of(self, who: Connection) -> str:
        marker = f"~f{next(_numbers)}~"
        if who.hears in ("sender", "group"):
            frame = await self._stage.frame(marker)
            return marker if await self._send(who.id, Kind.FENCE, frame, text=marker, marker=marker) else ""
        if who.hears == "user" and who.user and self._stage.notifies:  # no task tells somebody who is nobody
            self._record(Kind.FENCE, who.id, marker=marker)
            self._tasks[await self._stage.notify(who.user, marker)] = marker
            return marker
        if who.user and self._stage.pushes:
            self._record(Kind.FENCE, who.id, marker=marker)
            await self._stage.push(who.user, who.audience, marker, worker=who.worker)
            return marker
        return ""

    async def _try(self, who: Connection) -> str:
        """Have an intruder send what would be heard if it took part; return the marker."""
        marker = f"~f{next(_numbers)}~"
        frame = await self._stage.frame(marker) if who.hears in ("sender", "group") else marker
        await self._send(who.id, Kind.FENCE, frame, text=marker, marker=marker)
        return marker

    async def _queue(
        self, kind: Kind, user: str, text: str, *, failing: bool = False, further: Sequence[object] = ()
    ) -> str:
        marker = f"~m{next(_numbers)}~"
        if not self._stage.notifies:
            return ""
        text = f"{marker}{text}"
        self._record(kind, "", text=text, marker=marker, detail=user)
        self._in_flight = True
        self._tasks[await self._stage.notify(user, text, failing=failing, further=further)] = marker
        return marker

    @staticmethod
    def _must_hear(listener: Connection, sayer: Connection) -> bool:
        match sayer.hears:
            case "group" | "nobody":  # where nobody hears what clients say, a fence is an HTTP call that tells all
                return listener.audience == sayer.audience
            case "user":
                return listener.user == sayer.user
            case _:
                return listener.id == sayer.id
