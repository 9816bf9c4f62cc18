"""The first draft of a profile: what was found and tried, and a comment wherever neither could tell."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from channels_conformance.subject.discovery import Discovered
from channels_conformance.subject.discovery.source import Vocabulary, vocabulary
from channels_conformance.subject.probing import Entrance, Speech, entrance, own_texts, speech
from channels_conformance.subject.profile import Endpoint, ProfileError, Stores
from channels_conformance.subject.reading import FILE, parse
from channels_conformance.subject.route import Route
from channels_conformance.subject.subject import Subject

_HEAD = """\
# What this project says of itself, so that it can be judged: a first draft, found and tried out by
# `channels-conformance init`. Read it once: what could not be found out is said in a comment. `channels-conformance
# smoke` tells whether it is right, and `channels-conformance schema` prints what else there is to say.
"""


async def draft(subject: Subject, found: Discovered) -> str:
    """Try out every endpoint of a discovered subject and return its profile, commented.

    Raises :class:`ProfileError` where what was written could not be read back, which would be a mistake of ours.
    """
    profile = subject.profile
    lines = [_HEAD, f"settings = {_toml(profile.settings)}"]
    if profile.application:
        lines.append(f"application = {_toml(profile.application)}")
    if found.celery:
        lines.append(f"celery = {_toml(found.celery)}")
    if _only_in_memory(profile.settings):
        lines.append(f"servers = {_toml(list(profile.servers[:1]))}")
        lines.append("workers = 1                                 # the channel layer is in memory: no other hears it")
    else:
        lines.append(f"servers = {_toml(list(profile.servers))}")
    for endpoint in profile.endpoints:
        lines += ["", f"[endpoints.{endpoint.name}]", *[line async for line in _endpoint(subject, endpoint)]]
    if found.celery:
        lines += ["", *_tasks(found.celery)]
    text = "\n".join(lines) + "\n"
    parse(tomllib.loads(text), root=profile.root)
    return text


async def _endpoint(subject: Subject, endpoint: Endpoint) -> AsyncIterator[str]:
    yield f"path = {_toml(endpoint.path)}"
    route = endpoint.route
    if route and route.subprotocols:
        yield f"subprotocols = {_toml(list(route.subprotocols))}"
    who = await entrance(subject, endpoint)
    for line in _entrance(who, route):
        yield line
    if not (who.users or who.anyone):
        yield 'hears = "nobody"                            # not tried: nobody was let in'
        return
    said = await speech(subject, endpoint, _vocabulary(route))
    for line in _speech(said, endpoint):
        yield line


def _entrance(who: Entrance, route: Route | None) -> Iterator[str]:
    if who.users or who.anyone:
        yield f"enter = {_toml(who.enter)}"
        if who.enter == "authenticated":
            yield f"refusal = {_toml(who.refusal)}"
            if who.close_codes:
                yield f"close_codes = {_toml(list(who.close_codes))}"
        return
    yield "# Nobody was let in, neither a stranger nor somebody with a session of Django's. If users come with a token,"
    yield '# say where it goes, as in query = "token={token}", headers = { Authorization = "Bearer {token}" },'
    yield '# subprotocols = ["{token}"] or first = [\'{"token": "{token}"}\'], and write a function token(user) into a'
    yield '# file that hooks = "conformance_hooks.py" names. If a row must be there first, set_up() makes it there.'
    if route and not route.cookies:
        yield "# Nothing in front of the consumer reads cookies, so a token it will be."
    yield 'enter = "unknown"'


def _speech(said: Speech | None, endpoint: Endpoint) -> Iterator[str]:
    if said is None:
        yield 'hears = "nobody"'
        yield "# Nothing that was tried was heard by anybody. If clients speak here, say what they send, with {text}"
        yield '# where their words go, and who hears it: say = \'{"message": "{text}"}\' with hears = "group", say.'
        yield '# If its user is told by a Celery task, write hears = "user", and a [tasks.NAME] that notifies it.'
        return
    if said.first:
        yield f"first = {_toml(list(said.first))}"
    yield f"hears = {_toml(said.hears)}"
    if said.everywhere and endpoint.parameters:
        yield "# Clients with other parameters heard it as well: is that meant?"
    if said.everywhere and not endpoint.parameters and not said.first:
        yield "# Others heard it too, whoever they were: a group needs something to be told apart by, in path or first."
    yield f"say = {_toml(said.say)}"
    if said.binary:
        yield "binary = true"
    if said.longest_text:
        yield f"longest_text = {said.longest_text}"
    if said.echoes:
        yield "echoes = true"
    if said.stores:
        yield f"stores = {_stores(said.stores)}"


def _only_in_memory(settings: str) -> bool:
    """Return whether the project's own settings, not the overlaid ones, keep every channel layer in memory."""
    layers = getattr(import_module(settings), "CHANNEL_LAYERS", {}).values()
    return bool(layers) and all("InMemory" in layer.get("BACKEND", "") for layer in layers)


def _stores(stores: Stores) -> str:
    entries = {"model": stores.model, "text": stores.text, "user": stores.user, "audience": stores.audience}
    return "{ " + ", ".join(f"{key} = {_toml(value)}" for key, value in entries.items() if value) + " }"


def _tasks(celery: str) -> Iterator[str]:
    yield f"# {celery} was found. For each of its tasks that tells a user something over one of the endpoints:"
    yield "# [tasks.report]"
    yield '# task = "reports.tasks.build_report"       # the name that it is registered by'
    yield '# arguments = ["{user_id}", "{text}"]'
    yield '# notifies = "notifications"'


def _vocabulary(route: Route | None) -> Vocabulary:
    if route is None or not route.consumer:
        return Vocabulary()
    module, _, name = route.consumer.rpartition(".")
    consumer = getattr(sys.modules.get(module) or import_module(module), name, None)
    return vocabulary(consumer, texts=own_texts()) if isinstance(consumer, type) else Vocabulary()


def _toml(value: Any) -> str:
    """Return a text or a list as TOML; a text that holds quotes but no apostrophe, as a literal."""
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str) and '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def vacant(root: Path) -> Path:
    """Return where a project's profile goes; raise :class:`ProfileError` where there is one already."""
    path = root.resolve() / FILE
    if path.exists():
        raise ProfileError(f"{path} is there already, and is left as it is: move it away to have a new one.")
    return path


def write(text: str, root: Path) -> Path:
    """Write a profile into a project's folder and return where; never over one that is there."""
    path = vacant(root)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path
