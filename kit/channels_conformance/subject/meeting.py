"""A meeting: every endpoint of the subject is talked over at once, so that consumers of all classes hear each other."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from channels_conformance.history import History
    from channels_conformance.subject.profile import Endpoint
    from channels_conformance.subject.subject import Subject
    from channels_conformance.traffic.player import Player

PLACE = "lobby"


class Meeting:
    """Plays once, and gives each spec that asks the history of its endpoint."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._histories: dict[str, History] = {}
        self._playing = asyncio.Lock()

    async def __call__(self, endpoint: Endpoint) -> History:
        """Return what happened on an endpoint while all of them were talked over."""
        async with self._playing:
            if not self._histories:
                await self._play()
        history = self._histories[endpoint.name]
        if not any(history is known for known in self._subject.run.histories):
            self._subject.run.histories.append(history)
        return history

    async def _play(self) -> None:
        async with AsyncExitStack() as stack:
            players: list[tuple[Endpoint, Player]] = []
            for endpoint in self._subject.profile.endpoints:
                player = await stack.enter_async_context(self._subject.player(endpoint))
                self._histories[endpoint.name] = player.history
                players.append((endpoint, player))
                for worker, client in enumerate(("alice", "bob")):
                    await player.join(client, PLACE, worker=worker)
            for endpoint, player in players:
                await self._talk(endpoint, player)

    async def _talk(self, endpoint: Endpoint, player: Player) -> None:
        """Bring about every type of event that the profile tells how to bring about."""
        if not player.is_in("alice"):
            return
        if endpoint.hears in ("sender", "group"):
            await player.say("alice")
        elif endpoint.hears == "user":
            await player.tell("alice")
        if endpoint.hears in ("group", "nobody") and self._subject.has_push(endpoint):
            await player.push("alice", PLACE)
        if self._subject.run.redis and self._subject.has_task(endpoint) and self._subject.task_for(endpoint).failing:
            await player.task_ended(await player.notify_in_vain("alice"))
