"""What a subject says of itself: the endpoints, tasks and HTTP calls of a profile, each key with what it means.

A profile declares capabilities; it never describes the shape of an answer. Markers are found in whatever comes back.
:mod:`channels_conformance.subject.reading` reads it, :mod:`channels_conformance.subject.schema` publishes its schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from channels_conformance.history import Hears
from channels_conformance.subject.route import Route
from channels_conformance.subject.templates import filled, filled_frame, holds, names_in

Enter = Literal["anyone", "authenticated", "unknown"]
Refusal = Literal["reject", "close", "in-band"]
ServerKind = Literal["daphne", "uvicorn", "hypercorn", "granian"]
Proof = Literal["cookie", "token", "session"]
"""What users show to say who they are: cookies, a token, or the key of their session, where a template puts it."""

WHO = frozenset({"token", "user", "user_id", "session"})
"""The placeholders that stand for whoever a client is; any other is a parameter of its endpoint."""


FOUND = MappingProxyType({"found": True})
"""Marks a field that is found in the project, and that nobody writes into a profile."""


class ProfileError(Exception):
    """The profile cannot be used; the message says what is wrong, where, and what to write instead."""


class NoProfile(ProfileError):  # noqa: N818 -- a project without a profile is judged all the same
    """A project has no profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where what was said must be found: a model, and the lookups that lead to its text, user and audience."""

    model: Annotated[str, 'The model: "app.Model".']
    text: Annotated[str, 'The lookup of the text: "body", "payload__text".']
    user: Annotated[str, 'The lookup that yields the user name: "author__username".'] = ""
    audience: Annotated[str, 'The lookup that yields the audience: "room__name".'] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One WebSocket route of the subject, and how its clients behave."""

    name: str
    path: Annotated[str, 'Its path; braces hold parameters: "/ws/chat/{room}/".']
    query: Annotated[str, 'What goes behind the path: "token={token}".'] = ""
    headers: Annotated[Mapping[str, str], 'Headers of the handshake: { Authorization = "Token {token}" }.'] = field(
        default_factory=dict
    )
    subprotocols: Annotated[tuple[str, ...], 'What the client offers: ["access_token", "{token}"].'] = ()
    first: Annotated[tuple[str, ...], "The frames that a client sends once accepted, before anything else."] = ()
    hears: Annotated[Hears, "Who must hear what a client says."] = "sender"
    enter: Annotated[Enter, "Who may come in."] = "anyone"
    refusal: Annotated[
        Refusal,
        'How others are refused: "reject", before accept; "close", accepted and then closed with one of close_codes; '
        '"in-band", accepted and told so by a frame.',
    ] = "reject"
    close_codes: Annotated[tuple[int, ...], 'The codes of refusal = "close"; left out, any will do.'] = ()
    say: Annotated[str, "What a client sends to be heard; {text} stands for what it says."] = ""
    binary: Annotated[bool, "What a client says is sent as a binary frame, in UTF-8."] = False
    noise: Annotated[tuple[str, ...], "Words; a frame that holds one is noise: a greeting, who is present."] = ()
    stores: Annotated[Stores | None, 'Where what is said is stored: "app.Model.field" for short, or a table.'] = None
    longest_text: Annotated[int, "How many characters a client may say at once."] = 2000
    burst: Annotated[int, "How many messages may be sent without waiting, and must all arrive."] = 50
    replays: Annotated[bool, "Who joins is told what was said before."] = False
    echoes: Annotated[bool, "Every frame is answered with the very same frame."] = False
    close_command: Annotated[
        str, "What makes the application close the connection itself; {code} stands for the code."
    ] = ""
    route: Route | None = field(default=None, metadata=FOUND)  # the route that serves it

    @property
    def admits(self) -> Mapping[str, str]:
        """The expression of what each parameter of the path may be, as far as the route is known."""
        expressions = tuple(self.route.parameters.values()) if self.route else ()
        return dict(zip(names_in(self.path), expressions, strict=False))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in braces that decide where a client is, in order: the room, say."""
        return tuple(name for name in names_in(self.path, self.query, *self.first) if name not in WHO)

    @property
    def names(self) -> list[str]:
        """The names in braces that something must stand for."""
        return names_in(self.path, self.query, *self.headers.values(), *self.subprotocols, *self.first)

    @property
    def proof(self) -> Proof:
        """What users show to say who they are."""
        return "token" if "token" in self.names else "session" if "session" in self.names else "cookie"

    @property
    def by_cookie(self) -> bool:
        """Whether a browser would show by itself who its user is, from any page."""
        cookies = [value for name, value in self.headers.items() if name.lower() == "cookie"]
        return self.proof == "cookie" or self.proof in names_in(*cookies)

    @property
    def late(self) -> bool:
        """Whether users say who they are only once they have been accepted, in a first frame."""
        early = names_in(self.path, self.query, *self.headers.values(), *self.subprotocols)
        return self.proof != "cookie" and self.proof not in early

    @property
    def admits_all(self) -> bool:
        """Whether who may not enter is accepted all the same, and must then be told nothing."""
        return self.enter == "authenticated" and (self.refusal == "in-band" or self.late)

    def closing(self, code: int) -> str:
        """Return the text frame with which a client has the application close with ``code``."""
        return self.close_command.replace("{code}", str(code))

    def frame(self, text: str) -> str | bytes:
        """Return the frame with which a client says ``text``."""
        frame = filled_frame(self.say, {"text": text})
        return frame.encode() if self.binary else frame

    def is_noise(self, payload: str | bytes) -> bool:
        """Return whether a frame holds one of the words that make it noise."""
        return any(holds(payload, word) for word in self.noise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One Celery task that works for a user and tells that user over an endpoint."""

    name: str
    task: Annotated[str, 'Its registered name: "reports.tasks.build_report".']
    arguments: Annotated[tuple[Any, ...], "Its arguments; {user_id} and {text} are filled in."] = (
        "{user_id}",
        "{text}",
    )
    notifies: Annotated[str, "The name of the endpoint on which the user hears of it."] = ""
    done: Annotated[str, "A word that a frame telling of success holds."] = ""
    failed: Annotated[str, "A word that a frame telling of failure holds."] = ""
    failing: Annotated[tuple[Any, ...], "Arguments with which it fails."] = ()
    stores: Annotated[Stores | None, 'Where its work is stored: "app.Model.field" for short, or a table.'] = None

    def filled(self, template: tuple[Any, ...], *, user_id: Any, text: str) -> list[Any]:
        """Return the arguments with ``{user_id}`` and ``{text}`` replaced."""
        return [filled(argument, {"user_id": user_id, "text": text}) for argument in template]


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One HTTP call that makes the subject tell something to an endpoint's audience."""

    name: str
    path: Annotated[str, 'Its path; braces hold parameters of the endpoint: "/api/rooms/{room}/messages/".']
    notifies: Annotated[str, "The name of the endpoint whose audience hears of it."]
    method: Annotated[str, "The HTTP method."] = "POST"
    body: Annotated[str, "What is sent; {text} stands for what must be heard."] = '{"text": "{text}"}'
    content_type: Annotated[str, "The type of the body."] = "application/json"
    headers: Annotated[Mapping[str, str], 'Further headers: { Authorization = "Token {token}" }.'] = field(
        default_factory=dict
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All that a subject declares."""

    root: Path  # the folder that a server would be started in
    settings: Annotated[str, 'The settings module: "mysite.settings".']
    application: Annotated[str, '"package.asgi:application"; left out, the setting ASGI_APPLICATION.'] = ""
    celery: Annotated[str, '"package.celery:app"; left out without Celery.'] = ""
    servers: Annotated[tuple[ServerKind, ...], "The kinds of server that serve the project."] = ("daphne", "uvicorn")
    workers: Annotated[int, "How many server processes there are; the kinds in servers take turns."] = 0
    hooks: Annotated[str, "A Python file beside the profile that does what no template can."] = ""
    endpoints: Annotated[tuple[Endpoint, ...], "The WebSocket routes, by name."] = ()
    tasks: Annotated[tuple[Task, ...], "The Celery tasks that tell users something, by name."] = ()
    pushes: Annotated[tuple[Push, ...], "The HTTP calls that tell an audience something, by name."] = ()
    known: Annotated[Mapping[str, str], "Claims that are known to be broken, each with the reason."] = field(
        default_factory=dict
    )
    floor: Annotated[Mapping[str, int], "How many specs of each chapter must be judged, or it is not green."] = field(
        default_factory=dict
    )
    discovered: bool = field(default=False, metadata=FOUND)  # nobody wrote it: it says no more than what was found

    @property
    def processes(self) -> tuple[ServerKind, ...]:
        """The kind of each server process, in order."""
        count = self.workers or max(2, len(self.servers))
        return tuple(self.servers[number % len(self.servers)] for number in range(count))

    @property
    def chapters(self) -> set[str]:
        """The chapters that must judge something, by what is declared."""
        declared = {
            "lifecycle": bool(self.endpoints),
            "fanout": bool(self.pushes) or any(endpoint.hears == "group" for endpoint in self.endpoints),
            "auth": any(endpoint.enter == "authenticated" for endpoint in self.endpoints),
            "orm": any(endpoint.stores for endpoint in self.endpoints),
            "celery": bool(self.celery and self.tasks),
            "configuration": True,
        }
        return {chapter for chapter, is_declared in declared.items() if is_declared}

    def endpoint(self, name: str) -> Endpoint:
        """Return the endpoint of this name."""
        return next(endpoint for endpoint in self.endpoints if endpoint.name == name)
