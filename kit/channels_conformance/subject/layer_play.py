"""One play on a channel layer: readers with channels of their own, whoever sends to them, and the history of it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from channels.exceptions import ChannelFull

from channels_conformance.history import Connection, Event, History, Kind, markers_in
from channels_conformance.subject.layer import TYPE
from channels_conformance.traffic import patience
from channels_conformance.traffic.steps import shown

RETRY = 0.05  # seconds after which a fence is sent again to one who has only just subscribed
RESEND = 1.0  # seconds after which a fence that a full channel may have dropped is sent again
HANGING = 15.0  # seconds after which a layer that was told something, and has not returned, never will
FENCE = "fence"
ROUND = "round"  # a group that is joined and left again
WAYS = 3  # as often, since who begins to wait may have to connect first

numbers = itertools.count(1)


class Silence(AssertionError):  # noqa: N818 -- reads as what it says
    """A reader was owed a message, and none came within the deadline."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One who reads a channel of its own; ``group`` is the group that the channel is in, if any."""

    id: str
    channel: str
    group: str = ""

    @property
    def audience(self) -> str:
        """What a message is sent to that this reader must hear."""
        return self.group or self.channel


class LayerPlay:
    """A play on a layer instance of its own, as an async context manager.

    >>> async with LayerPlay(layer, histories) as play:
    ...     alice = await play.reader("alice")
    ...     await play.say(alice)
    ...     await play.catch_up(alice)
    """

    def __init__(
        self,
        layer: Any,
        histories: list[History],
        *,
        close: Callable[[Any], Awaitable[None]] | None = None,
    ) -> None:
        self.layer = layer
        self.history = History()
        self._histories = histories
        self._close = close
        histories.append(self.history)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._close:
            await self._close(self.layer)

    def again(self) -> Self:
        """Return a play on the same layer with a history of its own, for what must hold from here on."""
        return type(self)(self.layer, self._histories)

    async def reader(self, name: str, *, group: str = "", channel: str = "") -> Reader:
        """Make a channel unless one is named, put it into the group if one is, and wait for proof that it hears."""
        reader = Reader(f"{name}#1", channel or await self.new_channel(), group)
        self._open(reader.id, reader.audience)
        if group:
            await self.call("group_add", group, reader.channel)
        await self._prove(reader)
        self._record(Kind.READY, reader.id)
        return reader

    async def new_channel(self) -> str:
        """Have the layer name a new channel."""
        channel = str(await self.call("new_channel"))
        self._record(Kind.CHANNEL, detail=channel)
        return channel

    async def call(self, method: str, *arguments: object) -> Any:
        """Call a method of the layer; raise AssertionError where it raises anything but ChannelFull, or hangs."""
        try:
            async with asyncio.timeout(None if method == "receive" else HANGING):
                return await getattr(self.layer, method)(*arguments)
        except ChannelFull:
            raise
        except Exception as error:
            raise AssertionError(f"{method}() of the layer raised {type(error).__name__}: {error}") from error

    async def say(self, reader: Reader) -> None:
        """Send the reader, or its group, a text that holds a marker; a full channel may refuse it."""
        message = self._said(reader)
        if reader.group:
            await self.ask("a message to a group", self.layer.group_send(reader.group, message))
            return
        with contextlib.suppress(ChannelFull):  # as it may; what came of it is told by who hears it
            await self.call("send", reader.channel, message)

    async def say_from_a_thread(self, reader: Reader) -> None:
        """Say a text in a thread with an event loop of its own."""
        # What hangs there would hang whoever waits for the thread, so it is ended there.
        await asyncio.to_thread(lambda: asyncio.run(asyncio.wait_for(self.say(reader), patience.deadline)))

    async def name(self, name: str) -> None:
        """Ask for a group of this name, and for a channel as well where the name holds no mark of special channels."""
        member = await self.new_channel()
        await self.ask(f"the group name {shown(name)} in group_add()", self.layer.group_add(name, member))
        message = {"type": TYPE}
        await self.ask(f"the group name {shown(name)} in group_send()", self.layer.group_send(name, message))
        if not {"!", "?"} & {*name}:
            await self.ask(f"the channel name {shown(name)} in send()", self.layer.send(name, message))

    async def ask(self, words: str, asked: Awaitable[object]) -> None:
        """Ask the layer for something, and record whether it was done."""
        try:
            async with asyncio.timeout(HANGING):
                await asked
        except Exception as refusal:  # noqa: BLE001 -- any error is a refusal, and the checks tell whether it may be
            self._record(Kind.DECLINED, text=words, detail=f"{type(refusal).__name__}: {refusal}")
        else:
            self._record(Kind.TOOK, text=words)

    async def read(self, reader: Reader) -> dict[str, Any]:
        """Return the next message that is no fence, without its type; raise AssertionError where none comes."""
        while True:
            message = await self._next(reader)
            if FENCE not in message:
                return message

    def handed(self, reader: Reader, sent: object, came: object) -> None:
        """Record what a reader was handed beside what had been sent."""
        self._record(Kind.HANDED, reader.id, text=canonical(sent), detail=canonical(came))

    async def catch_up(self, *readers: Reader, full: bool = False) -> None:
        """Have each reader read all that is there for it, up to a fence; where a channel may be full, make room first.

        Raises AssertionError where the fence never comes.
        """
        # All at once, as consumers do: one who reads must not depend on another who does.
        await asyncio.gather(*(self._catch_up(reader, full=full) for reader in readers))

    async def hears(self, reader: Reader) -> bool:
        """Have a reader read the next message that is no fence; False where none comes, as the history tells as well.

        No fence could tell of what another process or loop sends, which is under way beside it.
        """
        with contextlib.suppress(Silence):
            await self.read(reader)
            return True
        return False

    async def leave_unread(self, reader: Reader) -> None:
        """Send a reader a message that it does not mean to read; a full channel may refuse it."""
        with contextlib.suppress(ChannelFull):
            await self.call("send", reader.channel, {"type": TYPE})

    async def give_up_waiting(self, reader: Reader, *, beside: Reader | None = None) -> None:
        """Have a reader begin to wait, and stop before anything has come; whoever is beside it waits already.

        Where a layer has one reader read for all, it is the one beside: which of them must not be left to chance.
        """
        found = True
        while found:
            async with self._waiting(beside) if beside else contextlib.nullcontext():
                found = await self._waited_in_vain(reader)

    async def look_again(self, reader: Reader) -> None:
        """Have a reader read all that is there for it, however long it takes the layer to know that it is back."""
        await self._prove(reader)

    async def go_on(self, reader: Reader) -> None:
        """Say a text in this process, and have it read; whatever the layer raises is recorded."""
        try:
            await self.say(reader)
            await self.catch_up(reader)
        except AssertionError as error:
            self._record(Kind.DECLINED, text="a message from the first process", detail=str(error))

    async def _catch_up(self, reader: Reader, *, full: bool) -> None:
        if full:
            await self._next(reader)
        await self._fence(reader)

    async def _fence(self, reader: Reader) -> None:
        fence = str(next(numbers))
        await self._send_fence(reader, fence, asyncio.ensure_future(self._until(reader, fence)))

    async def _round(self, reader: Reader) -> None:
        """Go to where the layer keeps its groups and back, by which time whoever has begun to wait does."""
        for _ in range(WAYS):
            await asyncio.sleep(0)  # there may be no way to go: what is kept in memory, or sent without an answer
            await self.call("group_add", ROUND, reader.channel)
            await self.call("group_discard", ROUND, reader.channel)

    @contextlib.asynccontextmanager
    async def _waiting(self, reader: Reader) -> AsyncIterator[None]:
        """Have a reader wait while the block runs, and hear a fence then."""
        fence = str(next(numbers))
        heard = asyncio.ensure_future(self._until(reader, fence))
        await self._round(reader)
        yield
        await self._send_fence(reader, fence, heard)

    async def _waited_in_vain(self, reader: Reader) -> bool:
        """Have a reader wait and stop waiting; return whether it found something: a fence that had been sent twice."""
        waiting = asyncio.ensure_future(self.layer.receive(reader.channel))
        await self._round(reader)
        found: bool = waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return found

    async def _send_fence(self, reader: Reader, fence: str, heard: asyncio.Future[None]) -> None:
        sent = False
        while not heard.done():
            # Who polls sees only a moment later that there is room again, and refuses; who publishes, drops unseen.
            with contextlib.suppress(ChannelFull):
                await self.call("send", reader.channel, {"type": TYPE, FENCE: fence})
                sent = True
            await asyncio.wait([heard], timeout=RESEND if sent else RETRY)
        heard.result()

    def _said(self, reader: Reader) -> dict[str, Any]:
        sayer = f"sayer to {reader.audience}#1"
        if sayer not in self.history.connections:
            self._open(sayer, reader.audience)
        marker = f"~p{next(numbers)}~"
        self._record(Kind.SAID, sayer, text=marker, marker=marker)
        return {"type": TYPE, "text": marker}

    async def _prove(self, reader: Reader) -> None:
        # A layer that subscribes may do so a moment later than it says, so the fence is sent again until it comes.
        fence = str(next(numbers))
        heard = asyncio.ensure_future(self._until(reader, fence))
        while not heard.done():
            message = {"type": TYPE, FENCE: fence}
            await self.call("group_send" if reader.group else "send", reader.audience, message)
            await asyncio.wait([heard], timeout=RETRY)
        heard.result()

    async def _until(self, reader: Reader, fence: str) -> None:
        while (await self._next(reader)).get(FENCE) != fence:
            pass

    async def _next(self, reader: Reader) -> dict[str, Any]:
        try:
            async with asyncio.timeout(patience.deadline):
                message: dict[str, Any] = await self.call("receive", reader.channel)
        except TimeoutError:
            raise Silence(f"{reader.id.partition('#')[0]} was owed a message and never received one") from None
        text = message.get("text")
        if isinstance(text, str) and markers_in(text):
            self._record(Kind.RECEIVED, reader.id, text=text)
        return message

    def _open(self, who: str, audience: str) -> None:
        self.history.connections[who] = Connection(
            id=who, client=who.partition("#")[0], audience=audience, hears="group"
        )
        for kind in (Kind.CONNECT, Kind.ACCEPTED):
            self._record(kind, who)

    def _record(self, kind: Kind, connection: str = "", **event: Any) -> None:
        self.history.events.append(Event(at=time.monotonic(), kind=kind, connection=connection, **event))


def canonical(value: object) -> str:
    """Return a text that two values share exactly where a layer may hand over one for the other.

    The order of keys is nobody's business, and a tuple may come as a list; 1, 1.0 and True are three things.
    """
    if isinstance(value, dict):
        pairs = ", ".join(f"{key!r}: {canonical(item)}" for key, item in sorted(value.items(), key=repr))
        return f"{{{pairs}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(canonical(item) for item in value)}]"
    return repr(value)
