"""A group of our own on the subject's channel layer, for what is claimed of the layer itself."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Self

from channels_conformance.history import Connection, Event, History, Kind, markers_in
from channels_conformance.traffic import patience

TYPE = "conformance.said"
SAYER = "sayer#1"

_numbers = itertools.count(1)


class LayerGroup:
    """A group with members that read only when told to, as an async context manager; it keeps a history.

    >>> async with LayerGroup(layer) as group:
    ...     await group.offer({"text": "hello"})
    ...     await group.hear()
    [{'text': 'hello'}, {'text': 'hello'}]
    """

    def __init__(self, layer: Any, *, members: int = 2) -> None:
        self.history = History()
        self._layer = layer
        self._group = f"conformance.{uuid.uuid4().hex}"
        self._members = {f"member-{number}#1": "" for number in range(1, members + 1)}

    @property
    def capacity(self) -> int:
        """How many messages the layer keeps for one who does not read; 100, the default, where it does not tell."""
        return int(getattr(self._layer, "capacity", 100))

    async def __aenter__(self) -> Self:
        for who in (SAYER, *self._members):
            client = who.partition("#")[0]
            self.history.connections[who] = Connection(id=who, client=client, audience=self._group, hears="group")
            for kind in (Kind.CONNECT, Kind.ACCEPTED):
                self._record(kind, who)
        for member in self._members:
            self._members[member] = channel = await self._layer.new_channel()
            await self._layer.group_add(self._group, channel)
            self._record(Kind.READY, member)
        return self

    async def __aexit__(self, *_: object) -> None:
        for channel in self._members.values():
            await self._layer.group_discard(self._group, channel)

    async def offer(self, message: dict[str, Any]) -> Exception | None:
        """Send a message to the group; return the error with which the layer refuses it, None where it takes it."""
        try:
            await self._layer.group_send(self._group, {"type": TYPE, **message})
        except Exception as refusal:  # noqa: BLE001 -- any error is an honest refusal
            return refusal
        return None

    async def hear(self) -> list[dict[str, Any]]:
        """Return the next message of each member, without its type; raise AssertionError where one never comes."""
        return [await self._next(member) for member in self._members]

    async def say(self) -> None:
        """Send the group a text that holds a marker."""
        marker = f"~l{next(_numbers)}~"
        self._record(Kind.SAID, SAYER, text=marker, marker=marker)
        await self._layer.group_send(self._group, {"type": TYPE, "text": marker})

    async def hear_from_outside(self, send: Callable[[str, str], Awaitable[None]]) -> None:
        """Have somebody else send the group a text, ``send(group, text)``, and wait until every member has it."""
        marker = f"~l{next(_numbers)}~"
        self._record(Kind.SAID, SAYER, text=marker, marker=marker)
        await send(self._group, marker)
        for member in self._members:
            with contextlib.suppress(AssertionError):  # the history tells that it never came
                await self._next(member)

    async def catch_up(self) -> None:
        """Have every member read all that was kept for it.

        A full layer would drop the fence that tells the end of it, so each member makes room first.
        """
        for member in self._members:
            await self._next(member)
        await self._layer.group_send(self._group, {"type": TYPE, "fence": self._group})
        for member in self._members:
            while "fence" not in await self._next(member):
                pass

    async def _next(self, member: str) -> dict[str, Any]:
        try:
            async with asyncio.timeout(patience.deadline):
                message = dict(await self._layer.receive(self._members[member]))
        except TimeoutError:
            raise AssertionError(f"{member.partition('#')[0]} was owed a message and never received one") from None
        message.pop("type", None)
        text = message.get("text")
        if isinstance(text, str) and markers_in(text):
            self._record(Kind.RECEIVED, member, text=text)
        return message

    def _record(self, kind: Kind, connection: str, **event: Any) -> None:
        self.history.events.append(Event(at=time.monotonic(), kind=kind, connection=connection, **event))
