"""Whether a profile is right: each of its settings tried once, in this process, before anything is judged by it.

What is found is worded as a mistake of the profile. It may as well be a defect of the application; but one that a
profile could not have been written by.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from difflib import get_close_matches

from django.core.exceptions import FieldError

from channels_conformance.checks import as_stored
from channels_conformance.history import Event, History, Kind, markers_in
from channels_conformance.subject import database
from channels_conformance.subject.overlay import celery_application
from channels_conformance.subject.own_thread import in_own_thread
from channels_conformance.subject.probing import PATIENCE, Entrance, entrance
from channels_conformance.subject.profile import Endpoint, Stores
from channels_conformance.subject.subject import Subject

CODE = 4001
"""The code that close_command is tried with."""


async def problems(subject: Subject) -> AsyncIterator[tuple[str, str]]:
    """Yield each setting that cannot be right: where it stands, and what is wrong and what to write instead."""
    for endpoint in subject.profile.endpoints:
        async for sentence in _endpoint(subject, endpoint):
            yield f"[endpoints.{endpoint.name}]", sentence
    for where, sentence in await in_own_thread(lambda: list(_tasks(subject)))():
        yield where, sentence


async def _endpoint(subject: Subject, endpoint: Endpoint) -> AsyncIterator[str]:
    if endpoint.name in subject.run.unserved:
        yield subject.run.unserved[endpoint.name]
        return
    who = await entrance(subject, endpoint)
    for sentence in _entrance(endpoint, who):
        yield sentence
    if not (who.users or who.anyone) or endpoint.hears not in ("sender", "group"):
        return
    async for sentence in _said(subject, endpoint):
        yield sentence
    async for sentence in _answered(subject, endpoint):
        yield sentence


def _entrance(endpoint: Endpoint, who: Entrance) -> Iterator[str]:
    if endpoint.enter == "anyone" and not who.anyone:
        yield 'enter = "anyone", and a stranger was refused: write enter = "authenticated".'
    if endpoint.enter != "authenticated":
        return
    if not who.users:
        yield (
            'enter = "authenticated", and somebody signed in was refused: say how users show who they are ({token} in '
            "query, headers, subprotocols or first, and a hook that makes it), or make what must be there in set_up()."
        )
    elif endpoint.refusal == "in-band":
        return
    elif who.anyone:
        yield (
            'enter = "authenticated", and a stranger was let in: write enter = "anyone", or refusal = "in-band" where '
            "a frame says that nobody will be told anything."
        )
    elif who.refusal != endpoint.refusal:
        codes = f", close_codes = [{who.close_codes[0]}]" if who.close_codes else ""
        mended = f'refusal = "{who.refusal}"{codes}'
        yield f'refusal = "{endpoint.refusal}", and a stranger was refused otherwise: write {mended}.'
    elif endpoint.close_codes and not set(who.close_codes) <= set(endpoint.close_codes):
        yield f"close_codes = {list(endpoint.close_codes)}, and a stranger was closed upon with {who.close_codes[0]}."


async def _said(subject: Subject, endpoint: Endpoint) -> AsyncIterator[str]:
    """Say something, and look who heard it and where it was stored."""
    player = subject.player(endpoint, over="process")
    await player.join("alice", "lobby", ready=False)
    await player.join("bob", "lobby")  # who has heard itself takes part
    introduced = player.is_in("alice") and player.is_in("bob")
    marker = await player.say("alice", "is this heard?")
    alice = await player.heard("alice", marker)
    bob = await player.heard("bob", marker) if endpoint.hears == "group" else _carried(player.history, "bob", marker)
    long = await player.say("alice", "x" * (endpoint.longest_text - 20)) if alice else ""
    heard_long = bool(long) and await player.heard("alice", long)
    try:
        await player.end()
    except FieldError as error:
        yield f"stores: {str(error).partition('. Choices')[0]}: name a field of the model, or what leads to one by __."
        return
    if not introduced:
        yield "first: a client that had sent it was not let in any more: look at the frames, one by one."
    elif not alice:
        yield f"say = {endpoint.say!r}, and who said it never heard it: look at what clients really send."
    elif endpoint.hears == "group" and not bob:
        yield 'hears = "group", and another client with the same parameters heard nothing: write hears = "sender".'
    elif endpoint.hears == "sender" and bob:
        yield 'hears = "sender", and another client with the same parameters heard it too: write hears = "group".'
    elif not heard_long:
        yield f"longest_text = {endpoint.longest_text}, and a text as long was not heard: write what the project takes."
    if alice and endpoint.stores:
        for sentence in _rows(endpoint.stores, player.history.of(Kind.STORED), marker, endpoint, subject):
            yield sentence


def _carried(history: History, client: str, marker: str) -> bool:
    """Return whether a client has heard a marker by now."""
    frames = [event for event in history.of(Kind.RECEIVED) if event.connection.partition("#")[0] == client]
    return any(marker in markers_in(frame.text or frame.data or "") for frame in frames)


def _rows(stores: Stores, rows: list[Event], marker: str, endpoint: Endpoint, subject: Subject) -> Iterator[str]:
    found = next((row for row in rows if row.marker == marker), None)
    if found is None:
        yield f'stores: no row of {stores.model} holds in "{stores.text}" what was said: name where it is stored.'
        return
    audience = next(iter(subject.parameters(endpoint, "lobby").values()), "")
    expected = as_stored("alice" if stores.user else None, audience if stores.audience else None)
    if found.detail != expected:
        yield f"stores: what alice said in {audience!r} was found as {found.detail}: look at user and audience."


async def _answered(subject: Subject, endpoint: Endpoint) -> AsyncIterator[str]:
    """Try what the endpoint answers to single frames."""
    if endpoint.echoes:
        player = subject.player(endpoint, over="process", deadline=PATIENCE)
        await player.join("alice", "lobby", ready=False)
        await player.frame("alice", "~echo~ this very frame")
        await player.heard("alice", "~echo~")
        await player.end()
        if "~echo~ this very frame" not in [event.text for event in player.history.of(Kind.RECEIVED)]:
            yield "echoes = true, and a frame did not come back as it was: leave it out."
    if endpoint.close_command:
        player = subject.player(endpoint, over="process")
        await player.join("alice", "lobby", ready=False)
        await player.frame("alice", endpoint.closing(CODE))
        await player.ended("alice")
        await player.end()
        closed = player.history.first(Kind.CLOSED)
        if closed is None or closed.code != CODE:
            yield f"close_command = {endpoint.close_command!r}, and the connection was not closed with {CODE}."


def _tasks(subject: Subject) -> Iterator[tuple[str, str]]:
    profile = subject.profile
    for stores in (task.stores for task in profile.tasks if task.stores):
        database.model_of(stores)
    if not (profile.celery and profile.tasks):
        return
    app = celery_application(subject.run.plan)
    app.loader.import_default_modules()
    known = sorted(name for name in app.tasks if not name.startswith("celery."))
    for task in profile.tasks:
        if task.task not in known:
            near = get_close_matches(task.task, known, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"it has {', '.join(known) or 'none'}."
            yield f"[tasks.{task.name}]", f'task = "{task.task}" is no task of {profile.celery}: {hint}'
