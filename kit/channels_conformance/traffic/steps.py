"""The steps of a stream: what clients do, one after another.

Steps are plain frozen data. Each prints as one line of a short script, and converts to plain data and back, so that a
stream can be kept in a report and played again.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHOWN = 60
"""How many characters of a payload a line of the script shows."""


def shown(payload: str | bytes) -> str:
    """Return a payload as a line can show it: in ASCII, and where it is long its beginning and its length."""
    if len(payload) <= SHOWN:
        return ascii(payload)
    unit = "bytes" if isinstance(payload, bytes) else "characters"
    return f"{payload[:SHOWN]!a}... ({len(payload)} {unit})"


@dataclass(frozen=True, slots=True)
class Join:
    """A client opens a WebSocket; one that was here before reconnects."""

    client: str
    audience: str
    worker: int = 0  # an index; the player takes it modulo the workers it has

    def __str__(self) -> str:
        return f"{self.client} joins {self.audience!r} on worker {self.worker}"

    def to_data(self) -> dict[str, Any]:
        """Return the step as plain data, fit for JSON."""
        return {"do": "join", "client": self.client, "audience": self.audience, "worker": self.worker}


@dataclass(frozen=True, slots=True)
class Say:
    """A client says a text that its audience must hear."""

    client: str
    text: str

    def __str__(self) -> str:
        return f"{self.client} says {shown(self.text)}"

    def __repr__(self) -> str:
        # hypothesis warns of a repr of 30,000 characters, and a warning would hide the failure it belongs to.
        return f"Say({self.client!r}, {shown(self.text)})"

    def to_data(self) -> dict[str, Any]:
        """Return the step as plain data, fit for JSON."""
        return {"do": "say", "client": self.client, "text": self.text}


@dataclass(frozen=True, slots=True)
class Frame:
    """A client sends a raw frame that nobody need hear."""

    client: str
    payload: str | bytes

    def __str__(self) -> str:
        kind = "binary" if isinstance(self.payload, bytes) else "text"
        return f"{self.client} sends the {kind} frame {shown(self.payload)}"

    def __repr__(self) -> str:
        return f"Frame({self.client!r}, {shown(self.payload)})"  # short for the same reason

    def to_data(self) -> dict[str, Any]:
        """Return the step as plain data, fit for JSON; binary payloads in base64."""
        if isinstance(self.payload, bytes):
            return {"do": "frame", "client": self.client, "bytes": base64.b64encode(self.payload).decode("ascii")}
        return {"do": "frame", "client": self.client, "text": self.payload}


@dataclass(frozen=True, slots=True)
class Leave:
    """A client runs the closing handshake; ``code`` None sends a close frame without a code."""

    client: str
    code: int | None = None

    def __str__(self) -> str:
        return f"{self.client} leaves " + ("without a code" if self.code is None else f"with code {self.code}")

    def to_data(self) -> dict[str, Any]:
        """Return the step as plain data, fit for JSON."""
        return {"do": "leave", "client": self.client, "code": self.code}


@dataclass(frozen=True, slots=True)
class Drop:
    """A client drops its TCP connection without a close frame."""

    client: str

    def __str__(self) -> str:
        return f"{self.client} drops the connection"

    def to_data(self) -> dict[str, Any]:
        """Return the step as plain data, fit for JSON."""
        return {"do": "drop", "client": self.client}


Step = Join | Say | Frame | Leave | Drop
Stream = tuple[Step, ...]


def from_data(data: Mapping[str, Any]) -> Step:
    """Return the step that ``to_data()`` wrote; raise ValueError, naming the data, where it is none."""
    try:
        match data["do"]:
            case "join":
                return Join(data["client"], data["audience"], data["worker"])
            case "say":
                return Say(data["client"], data["text"])
            case "frame" if "bytes" in data:
                return Frame(data["client"], base64.b64decode(data["bytes"], validate=True))
            case "frame":
                return Frame(data["client"], data["text"])
            case "leave":
                return Leave(data["client"], data["code"])
            case "drop":
                return Drop(data["client"])
    except KeyError as missing:
        raise ValueError(f"a step has no {missing}: {dict(data)!r}") from None
    raise ValueError(f"'do' is one of join, say, frame, leave, drop, not {data['do']!r}")


def script(stream: Iterable[Step]) -> tuple[str, ...]:
    """Return the stream as lines of a short script."""
    return tuple(str(step) for step in stream)


def validate(stream: Iterable[Step]) -> None:
    """Raise ValueError, naming the step, where somebody acts who is not in, or joins who is in already."""
    present: set[str] = set()
    for number, step in enumerate(stream, start=1):
        if isinstance(step, Join):
            if step.client in present:
                raise ValueError(f"step {number}, {str(step)!r}: {step.client} is in already; leave or drop first")
            present.add(step.client)
            continue
        if step.client not in present:
            raise ValueError(f"step {number}, {str(step)!r}: {step.client} is not in; join first")
        if isinstance(step, Leave | Drop):
            present.remove(step.client)
