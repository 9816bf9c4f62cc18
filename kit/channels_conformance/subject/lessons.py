"""Plays on the lessons of the reference app: consumers of a few lines that no path leads to."""

from __future__ import annotations

import itertools
from typing import Any

from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import channel_layers
from django.utils.module_loading import import_string

from channels_conformance.history import Kind
from channels_conformance.subject.journal import LocalReporter
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.stage import InProcessStage
from channels_conformance.subject.subject import Subject
from channels_conformance.subject.tap import Tap
from channels_conformance.traffic.player import Player

MODULE = "lessons.consumers"
_questions = itertools.count(1)

LESSON = Endpoint(name="lesson", path="/lesson/", hears="sender", say="{text}")


class LessonPlayer(Player):
    """A player whose clients' consumers can also be sent events through the channel layer."""

    async def enter(self, *clients: str) -> None:
        """Have clients join who are nobody in particular."""
        for client in clients:
            await self.join(client, user="", ready=False)

    async def asked(self, client: str, question: str) -> str:
        """Have a client send a question, and wait for its answer; return the frame, which is its beginning."""
        asked = f"{question} ~q{next(_questions)}~"
        await self.frame(client, asked)
        await self.heard(client, asked.rpartition(" ")[2])
        return asked

    async def event(self, client: str, event: dict[str, Any]) -> None:
        """Send an event straight to a client's consumer."""
        channel = await self.worker_saw(client, Kind.CHANNEL)
        if channel is None:
            raise AssertionError(f"the consumer of {client} never got a channel")
        await channel_layers[channel.marker].send(channel.detail, event)

    async def channel_told(self, client: str) -> str:
        """Return the name of a channel that a client was told."""
        answer = await self.worker_saw(client, Kind.ANSWERED, marker="!")
        if answer is None or answer.text is None:
            raise AssertionError(f"{client} was owed the name of a channel and never got one")
        return answer.text

    async def open(self, client: str, gate: str) -> None:
        """Send a message to a channel that a client's consumer waits at."""
        self._record(Kind.LET_GO, f"{client}#1")
        await channel_layers[DEFAULT_CHANNEL_LAYER].send(gate, {"type": "lesson.open"})


def lesson(subject: Subject, consumer: str) -> LessonPlayer:
    """Return a player on a consumer of the lessons, named by its class."""
    subject.application  # noqa: B018 -- with it come the instruments
    application = Tap(import_string(f"{MODULE}.{consumer}").as_asgi(), LocalReporter(subject.run.journal, "in-process"))
    player = LessonPlayer(InProcessStage(subject, LESSON, application))
    subject.run.histories.append(player.history)
    return player
