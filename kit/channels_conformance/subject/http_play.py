"""HTTP as a spec plays it: requests to one server, and listeners to a stream of events; it keeps a history.

Whoever listens to a stream is a connection of the history, and what is told over a second request is said to it: so
what is lost, doubled or reordered on its way is found by the checks that judge WebSockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from channels_conformance.history import Connection, Event, History, Kind, markers_in
from channels_conformance.traffic import patience
from channels_conformance.traffic.http import HttpConnection, NoAnswer
from channels_conformance.traffic.relay import Relay

if TYPE_CHECKING:
    from channels_conformance.services.servers import Listener

TELLER = "teller#1"
END = "the end"
"""What the request is called with which a stream is ended."""

_numbers = itertools.count(1)


class HttpPlay:
    """Requests to a server, as an async context manager; leaving it ends whoever still listens.

    >>> async with HttpPlay(server, histories) as play:
    ...     await play.ask("the page", "GET", "/")
    ...     play.listen("alice", "/feeds/news/")
    ...     await play.heard("alice", await play.tell("/feeds/news/"))
    """

    def __init__(self, server: Listener, histories: list[History], *, history: History | None = None) -> None:
        self.history = History() if history is None else history
        if history is None:
            histories.append(self.history)
        self.server = server
        self._heard: defaultdict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)
        self._readers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self.history.events.sort(key=lambda event: event.at)

    @property
    def left_waiting(self) -> bool:
        """Tell whether the server has answered a request not at all."""
        unanswered = self.history.of(Kind.NO_RESPONSE)
        return any(event.worker == self.server.name for event in unanswered)

    # Requests

    def connection(self, proxy: Relay | None = None) -> contextlib.AbstractAsyncContextManager[HttpConnection]:
        """Return a TCP connection to the server, or to a proxy in front of it, for several requests."""
        there = proxy or self.server
        return HttpConnection.to(there.host, there.port)

    def proxied(self) -> contextlib.AbstractAsyncContextManager[Relay]:
        """Return a proxy in front of the server, which adds no header."""
        return Relay(self.server.host, self.server.port)

    async def ask(
        self,
        name: str,
        method: str = "GET",
        path: str = "/",
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        over: HttpConnection | None = None,
        tells: Mapping[str, str] | None = None,
    ) -> None:
        """Send a request that is called ``name``, over a connection of its own or ``over`` one, and read the answer.

        ``tells`` is what of an answer in JSON is to be recorded as a fact: its key, and what the fact is called.
        """
        self._record(Kind.REQUESTED, marker=name, text=f"{method} {path}")
        async with contextlib.AsyncExitStack() as stack:
            with self._bounded(name):
                async with asyncio.timeout(patience.deadline):
                    one = over if over is not None else await stack.enter_async_context(self.connection())
                    head, got = await one.ask(method, path, headers=headers, body=body)
                text, kind = got.decode("utf-8", "replace"), head.headers.get("content-type", "")
                self._record(Kind.RESPONDED, marker=name, code=head.status, text=text, detail=kind)
                self._note_facts(text, tells or {})

    async def ask_raw(self, name: str, raw: bytes) -> None:
        """Send these very bytes as a request that is called ``name``, and read the head of whatever comes."""
        self._record(Kind.REQUESTED, marker=name, text=raw.decode("latin-1"))
        with self._bounded(name):
            async with asyncio.timeout(patience.deadline), self.connection() as one:
                await one.send(raw)
                head = await one.head()
            self._record(Kind.RESPONDED, marker=name, code=head.status)

    # Streams

    def listen(self, client: str, path: str) -> None:
        """Begin to listen to a stream that tells from its beginning, so that nothing can be said too early."""
        who = f"{client}#1"
        for one, name in ((who, client), (TELLER, "teller")):
            self.history.connections[one] = Connection(
                id=one, client=name, audience=path, hears="group", worker=self.server.name
            )
            self._record(Kind.CONNECT, one)
        self._record(Kind.READY, who)
        self._readers.append(asyncio.create_task(self._read(who, path), name=f"listen {client}"))

    async def tell(self, path: str) -> str:
        """Have the listeners of a stream told something, over a request of its own; return its marker."""
        marker = f"~e{next(_numbers)}~"
        self._record(Kind.SAID, TELLER, text=marker, marker=marker)
        await self.ask(f"telling {marker}", "POST", path, body=marker.encode())
        return marker

    def stream(self, below: str) -> str:
        """Return the path of a stream that nobody has been told anything on yet."""
        return f"{below}{uuid.uuid4().hex}/"

    async def follow(self, path: str, *, events: int) -> None:
        """Have a listener of its own told so many things, each only once the last was heard, and end the stream."""
        self.listen("alice", path)
        for _ in range(events):
            if not await self.heard("alice", await self.tell(path)):
                break  # one that is held back is enough
        await self.finish(path)

    async def finish(self, path: str) -> None:
        """Have a stream ended, over a request of its own, and its listeners read it to the end."""
        await self.ask(END, "DELETE", path)
        await asyncio.wait(self._readers, timeout=patience.deadline)

    async def heard(self, client: str, marker: str) -> bool:
        """Wait until a listener has heard what was told; False at the deadline, which the history shows as a loss."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience.deadline):
                return await self._heard[f"{client}#1", marker].wait()
        return False

    async def _read(self, who: str, path: str) -> None:
        with contextlib.suppress(NoAnswer, OSError):
            async with self.connection() as one:
                head = await one.begin("GET", path)
                if head.status != 200:
                    self._record(Kind.REFUSED, who, code=head.status)
                    return
                self._record(Kind.ACCEPTED, who)
                async for text in _events(one.pieces(head)):
                    self._record(Kind.RECEIVED, who, text=text)
                    for marker in markers_in(text):
                        self._heard[who, marker].set()

    def _note_facts(self, text: str, tells: Mapping[str, str]) -> None:
        with contextlib.suppress(ValueError, TypeError, KeyError):  # a fact that is not told is missed in the history
            answer = json.loads(text) if tells else {}
            for key, fact in tells.items():
                self._record(Kind.TOLD, marker=fact, text=str(answer[key]))

    @contextlib.contextmanager
    def _bounded(self, name: str) -> Any:
        try:
            yield
        except TimeoutError:
            self._record(Kind.NO_RESPONSE, marker=name, detail=f"nothing came within {patience.deadline:g} s")
        except (NoAnswer, OSError) as end:
            self._record(Kind.NO_RESPONSE, marker=name, detail=str(end) or type(end).__name__)

    def _record(self, kind: Kind, connection: str = "", **event: Any) -> None:
        self.history.events.append(
            Event(at=time.monotonic(), kind=kind, connection=connection, worker=self.server.name, **event)
        )


async def _events(pieces: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Yield the data of server-sent events, each as soon as it is whole; comments hold none."""
    pending = b""
    async for piece in pieces:
        *whole, pending = (pending + piece).split(b"\n\n")
        for one in whole:
            lines = one.decode("utf-8", "replace").split("\n")
            if data := [line.removeprefix("data:").removeprefix(" ") for line in lines if line.startswith("data:")]:
                yield "\n".join(data)
