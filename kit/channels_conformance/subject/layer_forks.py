"""Plays on a channel layer in which processes take part that are forked from this one, as prefork workers are."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import warnings
from collections.abc import Awaitable, Callable
from multiprocessing.context import ForkProcess
from typing import Any

from channels_conformance.history import History, Kind
from channels_conformance.subject.layer import TYPE
from channels_conformance.subject.layer_play import FENCE, RETRY, LayerPlay, Reader, Silence, numbers
from channels_conformance.traffic import patience


class ForkingPlay(LayerPlay):
    """A play with forked processes beside its readers; ``twin`` makes them a layer of their own, as a project would."""

    def __init__(
        self,
        layer: Any,
        histories: list[History],
        *,
        close: Callable[[Any], Awaitable[None]] | None = None,
        twin: Callable[[], Any] | None = None,
    ) -> None:
        super().__init__(layer, histories, close=close)
        self._twin = twin or (lambda: layer)

    async def say_from_a_fork(self, reader: Reader) -> None:
        """Say a text in a process that is forked from this one."""
        child = self._forked(self.layer.send, reader.channel, self._said(reader))
        await asyncio.to_thread(child.join, patience.deadline)
        if child.exitcode is None:
            child.kill()
        sent = child.exitcode == 0
        self._record(
            Kind.TOOK if sent else Kind.DECLINED,
            text="a message from a forked process",
            detail="" if sent else f"it ended with {child.exitcode}",
        )

    async def say_to_a_member_in_a_fork(self, group: str, ear: Reader) -> None:
        """Say a text to a group that a process forked from this one is in, which tells the ear what it hears."""
        child = self._forked(self._echo, group, ear.channel)
        member = Reader("member in another process#1", "", group)
        self._open(member.id, group)
        try:
            await self._hear_the_echo(member, ear)
        except AssertionError as error:
            self._record(Kind.DECLINED, text="a member in another process", detail=str(error))
        finally:
            child.kill()
            await asyncio.to_thread(child.join, patience.deadline)

    async def _hear_the_echo(self, member: Reader, ear: Reader) -> None:
        fence = str(next(numbers))
        echo = asyncio.ensure_future(self._next_echo(ear))
        while True:  # a layer that subscribes may do so a moment later than it says
            await self.call("group_send", member.group, {"type": TYPE, FENCE: fence})
            await asyncio.wait([echo], timeout=RETRY)
            if echo.done():
                break
        echo.result()
        self._record(Kind.READY, member.id)
        message = self._said(member)
        await self.call("group_send", member.group, message)
        with contextlib.suppress(Silence):
            while (heard := await self._next_echo(ear)) == fence:
                pass
            self._record(Kind.RECEIVED, member.id, text=heard)

    async def _next_echo(self, ear: Reader) -> str:
        while True:
            if echo := (await self._next(ear)).get("echo"):
                return str(echo)

    async def _echo(self, group: str, ear: str) -> None:
        """Join a group, and tell the ear whatever is heard of it, until somebody says something."""
        layer = self._twin()
        channel = await layer.new_channel()
        await layer.group_add(group, channel)
        said = False
        while not said:
            message = await layer.receive(channel)
            said = "text" in message
            await layer.send(ear, {"type": TYPE, "echo": message["text"] if said else message[FENCE]})

    def _forked(self, function: Callable[..., Awaitable[None]], *arguments: object) -> ForkProcess:
        """Begin to await a function in a process that is forked from this one."""

        async def wait() -> None:
            await function(*arguments)

        child = multiprocessing.get_context("fork").Process(target=lambda: asyncio.run(wait()), daemon=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads, as prefork workers do
            child.start()
        return child
