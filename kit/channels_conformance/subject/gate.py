"""The gate of a worker process: while it is shut, whoever answers a client that asked for it waits in its ``send()``.

A handler that waits there is one that waits for a slow network, a lock or another service; the gate makes that moment
as long as a spec likes, and has it end without a clock. It is turned by a header of any HTTP request.
"""

from __future__ import annotations

import asyncio
import http.client
import time
from typing import TYPE_CHECKING, Self

from channels_conformance.history import Event, History, Kind

if TYPE_CHECKING:
    from channels_conformance.services.servers import Server

GATE = "x-conformance-gate"
"""The header of an HTTP request that turns the gate: ``shut`` or ``open``."""

HOLD_ANSWERS = "x-conformance-hold-answers"
"""With this header in its handshake, what a client is sent, and its close, are held at the gate: ``send()`` waits."""

PAGE = "/health/"
"""What is visited: a page of the reference app, whose view is synchronous."""


class Gate:
    """A gate that is open unless it was shut."""

    def __init__(self) -> None:
        self._opening: asyncio.Event | None = None

    @property
    def is_shut(self) -> bool:
        """Whether somebody who comes now must wait."""
        return self._opening is not None

    def turn(self, how: str) -> None:
        """Shut or open the gate; any other word leaves it as it is."""
        if how == "shut" and self._opening is None:
            self._opening = asyncio.Event()
        elif how == "open" and self._opening is not None:
            self._opening.set()
            self._opening = None

    async def opened(self) -> None:
        """Wait until the gate is open."""
        if self._opening is not None:
            await self._opening.wait()


gate = Gate()
"""The gate of this process."""


class Shut:
    """The gate of a server's process, shut for the length of an ``async with``; of this process where none is named.

    Raises AssertionError where the server does not answer: nobody could say then whether anything was held.
    """

    def __init__(self, server: Server | None, *, deadline: float) -> None:
        self._server = server
        self._deadline = deadline

    async def __aenter__(self) -> Self:
        await self._turn("shut")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._turn("open")

    async def visit(self, history: History) -> None:
        """Ask the server for a page, and record when the answer came."""
        status = await asyncio.to_thread(self._get, {})
        name = self._server.name if self._server else ""
        kind = Kind.RESPONDED if status else Kind.NO_RESPONSE
        history.events.append(Event(at=time.monotonic(), kind=kind, marker="a page", worker=name, code=status or None))

    async def _turn(self, how: str) -> None:
        if self._server is None:
            gate.turn(how)
        elif not await asyncio.to_thread(self._get, {GATE: how}):
            raise AssertionError(f"{self._server.name} gave no answer, and its gate cannot be {how}")

    def _get(self, headers: dict[str, str]) -> int:
        if self._server is None:
            raise ValueError("there is no page to visit in this process: name a server")
        connection = http.client.HTTPConnection(self._server.host, self._server.port, timeout=self._deadline)
        try:
            connection.request("GET", PAGE, headers={"Connection": "close", **headers})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
        return answer.status
