"""Connections that stay silent while the other specs run, to learn whether silence is survived.

Nothing but time can show it, so the time is spent beside everything else: in a thread with an event loop of its own,
begun when the session begins and asked for its history at the end. And on servers of their own: what a channel layer
reads, it reads for all the consumers of a process, and where others hear something there no wait is a long one.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from string import ascii_lowercase
from typing import TYPE_CHECKING, TypeVar

from channels_conformance.history import History

if TYPE_CHECKING:
    from channels_conformance.services.servers import Server
    from channels_conformance.subject.subject import Subject

T = TypeVar("T")

SECONDS = 11.5
"""How long nobody says anything: two of the five-second waits that the Redis layer makes, and a bit."""


class IdleWatch:
    """A silent client of every endpoint on a server of each kind, each in an audience of its own."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._silent = threading.Event()
        self._asked: Future[None] = Future()
        self._thread: threading.Thread | None = None
        self._histories: Future[dict[str, History]] = Future()

    def begin(self) -> None:
        """Open the connections; return when they are silent, or could not be opened."""
        self._thread = threading.Thread(target=self._run, name="conformance-idle", daemon=True)
        self._thread.start()
        self._silent.wait()

    async def finish(self, endpoint: str) -> History:
        """Wait until the time is over; return the history of one endpoint. Raise what went wrong.

        In no thread of the loop's: a subject that runs on the same loop may have given it one thread only, its own.
        """
        self._ask()
        return (await _outcome(self._histories))[endpoint]

    def end(self) -> None:
        """End the connections, whether anybody asked for their history or not."""
        self._ask()
        if self._thread is not None:
            self._thread.join()

    def _ask(self) -> None:
        if not self._asked.done():
            self._asked.set_result(None)

    def _run(self) -> None:
        try:
            self._histories.set_result(asyncio.run(self._watch()))
        except BaseException as error:  # noqa: BLE001 -- whatever it is belongs to whoever asks for the result
            self._histories.set_exception(error)
        finally:
            self._silent.set()

    async def _watch(self) -> dict[str, History]:
        run, profile = self._subject.run, self._subject.profile
        names = [endpoint.name for endpoint in profile.endpoints if endpoint.hears in ("sender", "group")]
        starting = [run.silent_server(kind) for kind in dict.fromkeys(profile.servers)]
        servers = [await asyncio.wrap_future(future) for future in starting]
        opened, spoken, ending = asyncio.Barrier(len(names)), asyncio.Barrier(len(names)), asyncio.Lock()
        histories = await asyncio.gather(*(self._idle(name, servers, opened, spoken, ending) for name in names))
        return dict(zip(names, histories, strict=True))

    async def _idle(
        self,
        name: str,
        servers: list[Server],
        opened: asyncio.Barrier,
        spoken: asyncio.Barrier,
        ending: asyncio.Lock,
    ) -> History:
        endpoint = self._subject.profile.endpoint(name)
        player = self._subject.player(endpoint, servers=servers)
        clients = [f"idler{number}" for number in range(player.workers)]
        try:
            for number, client in enumerate(clients):
                await player.join(client, f"quiet{ascii_lowercase[number % 26]}", worker=number)
            await opened.wait()
            self._silent.set()
            # Silence is over when the time is, or when somebody was cut off.
            await asyncio.gather(*(player.ended(client, deadline=SECONDS) for client in clients))
            # What a worker reports of no connection goes to the play that ends next, so that nobody speaks while others
            # play. Nobody here leaves before all have been heard: see Player on what the Redis layer loses otherwise.
            await _outcome(self._asked)
            for client in clients:
                await player.say(client, "still here")
            await player.fence()
            await spoken.wait()
        finally:
            async with ending:  # the last to leave may still have to hear something
                await player.end()
        return player.history


async def _outcome(future: Future[T]) -> T:
    """Wait for what another thread tells; whoever gives up waiting does not call it off for the others."""
    return await asyncio.shield(asyncio.wrap_future(future))
