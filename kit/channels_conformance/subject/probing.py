"""Trying an endpoint out: who is let in, what a client must send to be heard, who hears it, where it is stored.

A probe believes what it saw and nothing else. What takes longer than :data:`PATIENCE` did not happen, as far as it is
concerned: good enough for a first draft of a profile, and never for a verdict.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from channels_conformance.history import Hears, Kind
from channels_conformance.subject.discovery.source import Vocabulary, openings, sayings
from channels_conformance.subject.own_thread import in_own_thread
from channels_conformance.subject.profile import Endpoint, Enter, Refusal, Stores
from channels_conformance.subject.subject import Subject
from channels_conformance.subject.templates import filled_frame

PATIENCE = 1.5
"""Seconds in which what a client says must come back."""

SENT_AT_ONCE = 40
"""Guesses that one connection is tried with."""

LENGTHS = (1000, 500, 200, 100)
"""Characters of a text that are tried where one as long as usual is not heard."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Who is let in, and how others are told that they are not."""

    users: bool  # whether somebody signed in is let in
    anyone: bool  # whether somebody who is not is let in
    refusal: Refusal = "reject"
    close_codes: tuple[int, ...] = ()

    @property
    def enter(self) -> Enter:
        """What the profile says of it."""
        return "anyone" if self.anyone else "authenticated" if self.users else "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What a client sends to be heard, and what becomes of it."""

    say: str
    first: tuple[str, ...] = ()
    binary: bool = False
    hears: Hears = "sender"
    echoes: bool = False
    everywhere: bool = False  # clients with other parameters hear it as well
    stores: Stores | None = None
    longest_text: int = 0  # shorter than what a profile takes for granted; 0: as long


async def entrance(subject: Subject, endpoint: Endpoint) -> Entrance:
    """Have a user knock, and a stranger; return what became of them."""
    user = await _knocks(subject, endpoint, "alice")
    stranger = await _knocks(subject, endpoint, "")
    if stranger is True:
        return Entrance(users=user is True, anyone=True)
    if stranger is False:
        return Entrance(users=user is True, anyone=False)
    return Entrance(users=user is True, anyone=False, refusal="close", close_codes=(stranger,))


async def _knocks(subject: Subject, endpoint: Endpoint, user: str) -> bool | int:
    """Return True for who is let in and stays, False for who is refused, and the code for who is closed upon."""
    player = subject.player(endpoint, over="process", deadline=PATIENCE)
    client = user or "a stranger"
    if not await player.join(client, "lobby", user=user, ready=False):
        await player.end()
        return False
    ended = await player.ended(client, deadline=PATIENCE / 3)
    await player.end()
    closed = player.history.first(Kind.CLOSED)
    return (closed.code or 1005) if ended and closed else True


async def speech(subject: Subject, endpoint: Endpoint, words: Vocabulary) -> Speech | None:
    """Try what the source lets one guess, in every way that it could be sent; None where nothing is ever heard."""
    beginnings: list[tuple[str, ...]] = [(), *((opening,) for opening in openings(words) if not endpoint.parameters)]
    for binary, first in itertools.product((False, True), beginnings):
        tried = replace(endpoint, first=first)
        found: list[Speech] = []
        for templates in _batches(sayings(words)):
            found += await _heard(subject, tried, templates, binary=binary)
        if found:
            best = min(found, key=_doubt)
            return replace(best, longest_text=await _longest(subject, tried, best))
    return None


async def _longest(subject: Subject, endpoint: Endpoint, best: Speech) -> int:
    """Return the length of the longest text that is heard, of a few; 0 where it is what a profile takes for granted."""
    usual = endpoint.longest_text
    spoken = replace(endpoint, hears="sender", say=best.say, binary=best.binary)
    for length in (usual, *LENGTHS):
        player = subject.player(spoken, over="process", deadline=PATIENCE)
        await player.join("alice", "lobby", ready=False)
        marker = await player.say("alice", "x" * (length - len(f"~m{next(_numbers)}~") - 4))
        heard = await player.heard("alice", marker)
        await player.end()
        if heard:
            return 0 if length == usual else length
    return 0


def _doubt(one: Speech) -> tuple[bool, bool, bool, int]:
    """Order guesses: what is stored was meant, and what others hear; an error that quotes is heard by its sender."""
    return (one.stores is None, one.hears != "group", not one.echoes, len(one.say))


def _batches(templates: list[str]) -> Iterator[list[str]]:
    yield from (templates[start : start + SENT_AT_ONCE] for start in range(0, len(templates), SENT_AT_ONCE))


async def _heard(subject: Subject, endpoint: Endpoint, templates: list[str], *, binary: bool) -> list[Speech]:
    """Send a text by each template; return those by which somebody heard it."""
    markers = {f"~g{next(_numbers)}~": template for template in templates}
    player = subject.player(endpoint, over="process", deadline=PATIENCE)
    audiences = {"alice": "lobby", "bob": "lobby", "carol": "elsewhere"}
    for client, audience in audiences.items():
        await player.join(client, audience, ready=False)
    frames = {marker: filled_frame(template, {"text": marker}) for marker, template in markers.items()}
    for frame in frames.values():
        if not player.is_in("alice"):  # a frame that nobody asked for was too much for the application
            await player.join("alice", "lobby", ready=False)
        await player.frame("alice", frame.encode() if binary else frame)
        await asyncio.sleep(0)  # for the application to say what it thinks of it
    await asyncio.gather(*(player.heard("alice", marker) for marker in markers))
    received = player.history.of(Kind.RECEIVED)
    stored = {marker: await in_own_thread(_stored)(marker, endpoint, audiences["alice"]) for marker in markers}
    await player.end()
    found = []
    for marker, template in markers.items():
        by = {event.connection.partition("#")[0] for event in received if marker in event.as_text}
        if "alice" in by:
            exact = any(event.as_text == frames[marker] for event in received)
            found.append(
                Speech(
                    say=template,
                    first=endpoint.first,
                    binary=binary,
                    hears="group" if "bob" in by and endpoint.parameters else "sender",
                    everywhere="carol" in by,
                    echoes=exact and template == "{text}" and "bob" not in by,
                    stores=stored[marker],
                )
            )
    return found


# Where it is stored


def _stored(marker: str, endpoint: Endpoint, audience: str) -> Stores | None:
    """Look through every table of the project for a text; return where it stands, by whom, and for which audience."""
    for model in _own_models():
        for column in _texts(model):
            row = model._default_manager.filter(**{f"{column}__contains": marker}).first()
            if row is not None:
                names = _lookups(model, row)
                user = next((lookup for lookup, value in names.items() if value == "alice"), "")
                place = next((lookup for lookup, value in names.items() if value == audience), "")
                return Stores(
                    model=model._meta.label, text=column, user=user, audience=place if endpoint.parameters else ""
                )
    return None


def own_texts() -> list[str]:
    """Return the names of the project's own text columns: what is stored under a name is often sent under it."""
    return list(dict.fromkeys(name for model in _own_models() for name in _texts(model)))


def _own_models() -> Iterator[type[models.Model]]:
    for config in apps.get_app_configs():
        if not config.name.startswith("django."):
            yield from config.get_models()


def _texts(model: type[models.Model]) -> Iterator[str]:
    yield from (one.name for one in model._meta.fields if isinstance(one, models.CharField | models.TextField))


def _lookups(model: type[models.Model], row: Any) -> Mapping[str, Any]:
    """Return the texts of a row, and of the rows that it refers to, each by the lookup that leads to it."""
    lookups: list[str] = list(_texts(model))
    for one in model._meta.fields:
        related = one.related_model
        if isinstance(one, models.ForeignKey) and isinstance(related, type):
            names: Iterable[str] = _texts(related)
            if issubclass(related, get_user_model()):
                names = [get_user_model().USERNAME_FIELD]
            lookups += [f"{one.name}__{name}" for name in names]
    found: Mapping[str, Any] = model._default_manager.filter(pk=row.pk).values(*lookups).get()
    return found
