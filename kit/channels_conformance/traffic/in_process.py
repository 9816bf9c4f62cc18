"""The in-process client of a player: a :class:`WebsocketClient` with the face that all clients show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.traffic.client import Accepted, Opening, Refused, Unanswered

if TYPE_CHECKING:
    from channels_conformance.traffic.communicator import WebsocketClient


class InProcessClient:
    """A client without a network; a :class:`~channels_conformance.traffic.client.Client`.

    ``communicator`` stays within reach, for what only an in-process client can tell: its ``crash`` and ``violations``.
    """

    def __init__(self, communicator: WebsocketClient) -> None:
        self.communicator = communicator
        self._begun = False

    async def open(self, deadline: float) -> Opening:
        """Begin the handshake and return how it ended, after ``deadline`` seconds at the latest.

        Raise RuntimeError where the client was opened before: who comes back makes a new client.
        """
        if self._begun:
            raise RuntimeError("a client opens once: make a new client to connect again")
        self._begun = True
        try:
            accepted, answer = await self.communicator.connect(deadline)
        except TimeoutError:
            return Unanswered(f"no answer within {deadline:g} s")
        if accepted:
            return Accepted(None if answer is None else str(answer))
        denial = self.communicator.denial
        return Refused(403 if denial is None else denial.status, answer if isinstance(answer, int) else None)

    async def send(self, payload: str | bytes) -> None:
        """Send one text or binary frame; raise :exc:`ConnectionLost` if the connection has ended."""
        if isinstance(payload, str):
            await self.communicator.send_to(text_data=payload)
        else:
            await self.communicator.send_to(bytes_data=payload)

    async def close(self, code: int | None = None) -> None:
        """Close with ``code``; the application is told 1005 where it is None. Do nothing after the end."""
        await self.communicator.close(code)

    async def abort(self) -> None:
        """Drop the connection at once; the application is told 1006."""
        await self.communicator.abort()

    async def receive(self) -> str | bytes:
        """Return the next frame; raise :exc:`Closed` at the end, however often it is called."""
        while True:
            message = await self.communicator.receive_output(None)
            if message["type"] == "websocket.send":
                text: str | None = message.get("text")
                return text if text is not None else message["bytes"]
            # What else comes is the close event, and the end itself follows it.

    async def ping(self) -> None:
        """Return at once: there is no peer to ask."""
