"""Reads a profile: ``conformance.toml``, or ``[tool.channels-conformance]`` in ``pyproject.toml``.

Anything misspelt or of the wrong type raises :class:`ProfileError` with one sentence: what is wrong, where, and what to
write instead.
"""

from __future__ import annotations

import json
import tomllib
import types
from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from channels_conformance.subject.profile import WHO, Endpoint, NoProfile, Profile, ProfileError, Push, Stores, Task
from channels_conformance.subject.templates import names_in

FILE = "conformance.toml"
TABLE = "channels-conformance"


def load(folder: Path) -> Profile:
    """Read the profile of the project in ``folder``; raise :class:`NoProfile` where there is none."""
    folder = folder.resolve()
    path = folder / FILE
    if path.is_file():
        return parse(_toml(path), root=folder, where=str(path))
    path = folder / "pyproject.toml"
    tool = _table(_toml(path).get("tool", {}), f"{path} [tool]") if path.is_file() else {}
    table = tool.get(TABLE)
    if table is None:
        raise NoProfile(f"{folder} holds neither {FILE} nor [tool.{TABLE}] in pyproject.toml: write one of them.")
    return parse(table, root=folder, where=f"{path} [tool.{TABLE}]")


def parse(data: Mapping[str, Any], *, root: Path, where: str = FILE) -> Profile:
    """Return the profile that ``data`` spells, every key and value checked; ``where`` names it in errors."""
    data = _table(data, where)
    hooked = bool(data.get("hooks"))
    endpoints = tuple(_endpoint(*entry, hooked=hooked) for entry in _tables(data, "endpoints", where))
    tasks = tuple(_task(*entry, endpoints) for entry in _tables(data, "tasks", where))
    pushes = tuple(_push(*entry, endpoints) for entry in _tables(data, "pushes", where))
    known = _table(data.pop("known", {}), f"{where} [known]")
    for claim, reason in known.items():
        if not isinstance(reason, str) or not reason.strip():
            raise ProfileError(f'{where} [known]: "{claim}" needs a reason: write "{claim}" = "why it is accepted".')
    given = {"root": root, "endpoints": endpoints, "tasks": tasks, "pushes": pushes, "known": known}
    profile = Profile(**_checked(Profile, data, where, given=given))
    if not profile.servers:
        raise ProfileError(f'{where}: servers is empty: name at least one, as in servers = ["daphne"].')
    for server in profile.servers:
        if server not in profile.processes:
            raise ProfileError(
                f"{where}: workers = {profile.workers} leaves no process for {server}: "
                f"write workers = {len(profile.servers)}, or name fewer servers."
            )
    if profile.hooks and not (root / profile.hooks).is_file():
        raise ProfileError(
            f'{where}: hooks = "{profile.hooks}", and {root / profile.hooks} is no file: write it there.'
        )
    return profile


def _endpoint(name: str, data: dict[str, Any], where: str, *, hooked: bool) -> Endpoint:
    if "stores" in data:
        data["stores"] = _stores(data["stores"], where)
    endpoint = Endpoint(**_checked(Endpoint, data, where, given={"name": name}))
    if not endpoint.path.startswith("/"):
        raise ProfileError(f'{where}: path "{endpoint.path}" must begin with a slash: write "/{endpoint.path}".')
    by_hook = hooked and not endpoint.say
    if endpoint.hears in ("sender", "group") and "{text}" not in endpoint.say and not by_hook:
        raise ProfileError(
            f'{where}: say must hold {{text}}, where a client\'s words go, as in say = \'{{"message": "{{text}}"}}\'.'
        )
    if endpoint.hears == "group" and not endpoint.parameters:
        raise ProfileError(
            f'{where}: hears = "group" needs a parameter, as in path = "/ws/chat/{{room}}/" or in a first frame.'
        )
    _known_names(endpoint.parameters, "headers", endpoint.headers.values(), where)
    _known_names(endpoint.parameters, "subprotocols", endpoint.subprotocols, where)
    if endpoint.late and endpoint.enter == "authenticated" and endpoint.refusal == "reject":
        raise ProfileError(
            f'{where}: refusal cannot be "reject" where users say who they are in a first frame: '
            'write "close" or "in-band".'
        )
    if "" in endpoint.noise:
        raise ProfileError(f"{where}: noise holds an empty word, which every frame holds: leave it out.")
    return endpoint


def _task(name: str, data: dict[str, Any], where: str, endpoints: tuple[Endpoint, ...]) -> Task:
    if "stores" in data:
        data["stores"] = _stores(data["stores"], where)
    task = Task(**_checked(Task, data, where, given={"name": name}))
    _one_of(task.notifies, [endpoint.name for endpoint in endpoints], "notifies", where)
    return task


def _push(name: str, data: dict[str, Any], where: str, endpoints: tuple[Endpoint, ...]) -> Push:
    push = Push(**_checked(Push, data, where, given={"name": name}))
    _one_of(push.notifies, [endpoint.name for endpoint in endpoints], "notifies", where)
    endpoint = next(endpoint for endpoint in endpoints if endpoint.name == push.notifies)
    if not push.path.startswith("/"):
        raise ProfileError(f'{where}: path "{push.path}" must begin with a slash: write "/{push.path}".')
    if not {"text"} & {*names_in(push.path), *names_in(push.body)}:
        raise ProfileError(
            f'{where}: body must hold {{text}}, what is to be heard, as in body = \'{{"message": "{{text}}"}}\'.'
        )
    known = (*endpoint.parameters, "text")
    _known_names(known, "path", [push.path], where)
    _known_names(known, "body", [push.body], where)
    _known_names(known, "headers", push.headers.values(), where)
    return push


def _known_names(parameters: Collection[str], key: str, templates: Collection[str], where: str) -> None:
    """Refuse a placeholder that nothing will ever stand for."""
    for name in names_in(*templates):
        if name not in WHO and name not in parameters:
            known = ", ".join(f"{{{one}}}" for one in (*sorted(WHO), *parameters))
            raise ProfileError(f"{where}: {key} names {{{name}}}, and nothing stands for it: known are {known}.")


def _stores(value: Any, where: str) -> Stores:
    """Accept a table, or ``"app.Model.field"`` for short."""
    if isinstance(value, str):
        model, _, text = value.rpartition(".")
        if "." not in model or not text:
            raise ProfileError(f'{where}: stores = "{value}" must read "app.Model.field".')
        return Stores(model=model, text=text)
    return Stores(**_checked(Stores, _table(value, f"{where} stores"), f"{where} stores", given={}))


def _checked(kind: type[Any], data: dict[str, Any], where: str, *, given: dict[str, Any]) -> dict[str, Any]:
    """Return ``data`` as keyword arguments of the dataclass ``kind``; lists become tuples."""
    hints = get_type_hints(kind)
    written = (entry for entry in fields(kind) if not entry.metadata.get("found"))
    known = {entry.name: entry for entry in written if entry.name not in given}
    values = dict(given)
    for key, value in data.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"known keys are {', '.join(sorted(known))}."
            raise ProfileError(f'{where}: there is no key "{key}": {hint}')
        values[key] = _typed(value, hints[key], key, where)
    for name, entry in known.items():
        if name not in values and entry.default is MISSING and entry.default_factory is MISSING:
            raise ProfileError(f'{where}: "{name}" is missing: write {name} = "...".')
    return values


def _typed(value: Any, hint: Any, key: str, where: str, *, item: bool = False) -> Any:
    named = f"{where}: {key}: each item" if item else f"{where}: {key}"
    kind = get_origin(hint) or hint
    if kind is tuple:
        if not isinstance(value, list):
            raise ProfileError(f"{named} must be a list, not {value!r}: write [{json.dumps(value, default=str)}].")
        return tuple(_typed(one, get_args(hint)[0], key, where, item=True) for one in value)
    if kind is Mapping:
        if not isinstance(value, dict):
            raise ProfileError(f'{named} must be a table, not {value!r}: write {{ Name = "..." }}.')
        return {name: _typed(one, get_args(hint)[1], f"{key}.{name}", where) for name, one in value.items()}
    if kind is bool and not isinstance(value, bool):
        raise ProfileError(f"{named} must be true or false, not {value!r}.")
    if kind is int and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise ProfileError(f"{named} must be a whole number of at least 1, not {value!r}.")
    if kind in (str, Literal) and not isinstance(value, str):
        raise ProfileError(f'{named} must be a text, not {value!r}: write "{value}".')
    if kind is Literal:
        _one_of(value, get_args(hint), key, where)
    assert kind in (str, int, bool, Literal, Any, types.UnionType), f"the profile has a key of type {hint}"
    return value


def _one_of(value: str, allowed: Any, key: str, where: str) -> None:
    if value not in allowed:
        if not allowed:
            raise ProfileError(f'{where}: {key} cannot be "{value}": there is none to name.')
        near = get_close_matches(str(value), allowed, n=1)
        hint = (
            f'did you mean "{near[0]}"?' if near else "write one of " + ", ".join(f'"{one}"' for one in allowed) + "."
        )
        raise ProfileError(f'{where}: {key} cannot be "{value}": {hint}')


def _tables(data: dict[str, Any], key: str, where: str) -> list[tuple[str, dict[str, Any], str]]:
    """Take the tables ``[key.NAME]`` out of ``data``; return the name of each, what it holds, and where it stands."""
    tables = _table(data.pop(key, {}), f"{where} [{key}]")
    return [
        (name, _table(value, f"{where} [{key}.{name}]"), f"{where} [{key}.{name}]") for name, value in tables.items()
    ]


def _table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ProfileError(f"{where} must be a table, not {value!r}.")
    return dict(value)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(
            f'{path} is not valid TOML: {error}. Texts stand in quotes, as in settings = "mysite.settings".'
        ) from error
