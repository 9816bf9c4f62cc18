"""What a subject says of itself: ``conformance.toml``, or ``[tool.channels-conformance]`` in ``pyproject.toml``.

A profile declares capabilities; it never describes the shape of an answer. Markers are found in whatever comes back.
Anything misspelt or of the wrong type raises :class:`ProfileError` with one sentence: what is wrong, where, and what to
write instead.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from channels_conformance.history import Hears

if TYPE_CHECKING:
    from channels_conformance.subject.discovery.routes import Route

FILE = "conformance.toml"
TABLE = "channels-conformance"

Enter = Literal["anyone", "authenticated", "unknown"]
Refusal = Literal["reject", "close"]
ServerKind = Literal["daphne", "uvicorn"]


FOUND = MappingProxyType({"found": True})
"""Marks a field that is found in the project, and that nobody writes into a profile."""


class ProfileError(Exception):
    """The profile cannot be used; the message says what is wrong, where, and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where what was said must be found: a model, and the lookups that lead to its text, user and audience."""

    model: str  # "app.Model"
    text: str  # a lookup: "body", "payload__text"
    user: str = ""  # a lookup that yields the user name: "author__username"
    audience: str = ""  # a lookup that yields the audience: "room__name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One WebSocket route of the subject, and how its clients behave."""

    name: str
    path: str  # "/ws/chat/{room}/"
    hears: Hears = "sender"
    enter: Enter = "anyone"
    refusal: Refusal = "reject"  # "reject": before accept; "close": accepted, then closed with one of close_codes
    close_codes: tuple[int, ...] = ()
    say: str = ""  # what a client sends to be heard; {text} stands for what it says
    subprotocols: tuple[str, ...] = ()
    stores: Stores | None = None
    longest_text: int = 2000  # characters a client may say at once
    burst: int = 50  # messages that may be sent without waiting, and must all arrive
    replays: bool = False  # who joins is told what was said before
    echoes: bool = False  # every frame is answered with the very same frame
    close_command: str = ""  # what makes the application close the connection itself; {code} stands for the code
    route: Route | None = field(default=None, metadata=FOUND)  # the route that serves it

    @property
    def admits(self) -> Mapping[str, str]:
        """The expression of what each parameter may be, as far as the route is known."""
        expressions = tuple(self.route.parameters.values()) if self.route else ()
        return dict(zip(self.parameters, expressions, strict=False))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in the path's braces, in order."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    def closing(self, code: int) -> str:
        """Return the text frame with which a client has the application close with ``code``."""
        return self.close_command.replace("{code}", str(code))

    def frame(self, text: str) -> str:
        """Return the text frame with which a client says ``text``.

        A template that is JSON has ``{text}`` replaced inside its strings, so that any text stays valid JSON.
        """
        try:
            template = json.loads(self.say)
        except ValueError:
            return self.say.replace("{text}", text)
        return json.dumps(_filled(template, {"{text}": text}), ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One Celery task that works for a user and tells that user over an endpoint."""

    name: str
    task: str  # its registered name: "reports.tasks.build_report"
    arguments: tuple[Any, ...] = ("{user_id}", "{text}")
    notifies: str = ""  # the name of the endpoint on which the user hears of it
    done: str = ""  # a word that a frame telling of success holds
    failed: str = ""  # a word that a frame telling of failure holds
    failing: tuple[Any, ...] = ()  # arguments with which it fails
    stores: Stores | None = None

    def filled(self, template: tuple[Any, ...], *, user_id: Any, text: str) -> list[Any]:
        """Return the arguments with ``{user_id}`` and ``{text}`` replaced."""
        return [_filled(argument, {"{user_id}": user_id, "{text}": text}) for argument in template]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All that a subject declares."""

    root: Path  # the folder that a server would be started in
    settings: str
    application: str = ""  # "package.asgi:application"; empty: the ASGI_APPLICATION setting
    celery: str = ""  # "package.celery:app"; empty: no Celery
    servers: tuple[ServerKind, ...] = ("daphne", "uvicorn")
    endpoints: tuple[Endpoint, ...] = ()
    tasks: tuple[Task, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)  # claim id -> reason
    floor: int = 1  # specs that a whole run must judge; fewer, and it is not green
    discovered: bool = field(default=False, metadata=FOUND)  # nobody wrote it: it says no more than what was found

    @property
    def chapters(self) -> set[str]:
        """The chapters that must judge something, by what is declared."""
        declared = {
            "lifecycle": bool(self.endpoints),
            "fanout": any(endpoint.hears == "group" for endpoint in self.endpoints),
            "auth": any(endpoint.enter == "authenticated" for endpoint in self.endpoints),
            "orm": any(endpoint.stores for endpoint in self.endpoints),
            "celery": bool(self.celery and self.tasks),
            "configuration": True,
        }
        return {chapter for chapter, is_declared in declared.items() if is_declared}

    def endpoint(self, name: str) -> Endpoint:
        """Return the endpoint of this name."""
        return next(endpoint for endpoint in self.endpoints if endpoint.name == name)


class NoProfile(ProfileError):  # noqa: N818 -- a project without a profile is judged all the same
    """A project has no profile."""


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
    endpoints = tuple(
        _endpoint(name, _table(value, f"{where} [endpoints.{name}]"), f"{where} [endpoints.{name}]")
        for name, value in _table(data.pop("endpoints", {}), f"{where} [endpoints]").items()
    )
    tasks = tuple(
        _task(name, _table(value, f"{where} [tasks.{name}]"), f"{where} [tasks.{name}]", endpoints)
        for name, value in _table(data.pop("tasks", {}), f"{where} [tasks]").items()
    )
    known = _table(data.pop("known", {}), f"{where} [known]")
    for claim, reason in known.items():
        if not isinstance(reason, str) or not reason.strip():
            raise ProfileError(f'{where} [known]: "{claim}" needs a reason: write "{claim}" = "why it is accepted".')
    values = _checked(
        Profile, data, where, given={"root": root, "endpoints": endpoints, "tasks": tasks, "known": known}
    )
    for server in values.get("servers", ()):
        _one_of(server, get_args(ServerKind), "servers", where)
    if not values.get("servers", ("daphne",)):
        raise ProfileError(f'{where}: servers is empty: name at least one, as in servers = ["daphne"].')
    return Profile(**values)


def _endpoint(name: str, data: dict[str, Any], where: str) -> Endpoint:
    if "stores" in data:
        data["stores"] = _stores(data["stores"], where)
    endpoint = Endpoint(**_checked(Endpoint, data, where, given={"name": name}))
    _one_of(endpoint.hears, get_args(Hears), "hears", where)
    _one_of(endpoint.enter, get_args(Enter), "enter", where)
    _one_of(endpoint.refusal, get_args(Refusal), "refusal", where)
    if not endpoint.path.startswith("/"):
        raise ProfileError(f'{where}: path "{endpoint.path}" must begin with a slash: write "/{endpoint.path}".')
    if endpoint.hears in ("sender", "group") and "{text}" not in endpoint.say:
        raise ProfileError(
            f'{where}: say must hold {{text}}, where a client\'s words go, as in say = \'{{"message": "{{text}}"}}\'.'
        )
    if endpoint.hears == "group" and not endpoint.parameters:
        raise ProfileError(
            f'{where}: hears = "group" needs a path with a parameter, as in path = "/ws/chat/{{room}}/".'
        )
    return endpoint


def _task(name: str, data: dict[str, Any], where: str, endpoints: tuple[Endpoint, ...]) -> Task:
    if "stores" in data:
        data["stores"] = _stores(data["stores"], where)
    task = Task(**_checked(Task, data, where, given={"name": name}))
    _one_of(task.notifies, [endpoint.name for endpoint in endpoints], "notifies", where)
    return task


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
    written = (entry for entry in fields(kind) if not entry.metadata.get("found"))
    known = {entry.name: entry for entry in written if entry.name not in given}
    values = dict(given)
    for key, value in data.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"known keys are {', '.join(sorted(known))}."
            raise ProfileError(f'{where}: there is no key "{key}": {hint}')
        values[key] = _typed(value, str(known[key].type), f"{where}: {key}")
    for name, entry in known.items():
        if name not in values and entry.default is MISSING and entry.default_factory is MISSING:
            raise ProfileError(f'{where}: "{name}" is missing: write {name} = "...".')
    return values


def _typed(value: Any, annotation: str, where: str) -> Any:
    if annotation.startswith("tuple"):
        if not isinstance(value, list):
            raise ProfileError(f"{where} must be a list, not {value!r}: write [{json.dumps(value, default=str)}].")
        of = annotation.removeprefix("tuple[").removesuffix(", ...]")
        return tuple(value) if of == "Any" else tuple(_typed(item, of, f"{where}: each item") for item in value)
    if annotation == "int":
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ProfileError(f"{where} must be a whole number of at least 1, not {value!r}.")
        return value
    if annotation == "bool":
        if not isinstance(value, bool):
            raise ProfileError(f"{where} must be true or false, not {value!r}.")
        return value
    if annotation.startswith("Stores"):
        return value
    if not isinstance(value, str):
        raise ProfileError(f'{where} must be a text, not {value!r}: write "{value}".')
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


def _table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ProfileError(f"{where} must be a table, not {value!r}.")
    return dict(value)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path} is not valid TOML: {error}.") from error


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    """Replace placeholders in every string of a JSON-like template; one that is the whole string keeps its type."""
    match template:
        case str():
            if template in values:
                return values[template]
            for placeholder, value in values.items():
                template = template.replace(placeholder, str(value))
            return template
        case list():
            return [_filled(item, values) for item in template]
        case dict():
            return {str(_filled(key, values)): _filled(item, values) for key, item in template.items()}
        case _:
            return template
