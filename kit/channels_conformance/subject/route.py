"""One WebSocket route of a project, as it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Style = Literal["async", "sync", "ASGI callable"]
Frames = Literal["JSON", "raw", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One WebSocket route."""

    pattern: str  # as the project writes it, prefixes of outer routers in front: "ws/chat/<str:room>/"
    path: str  # "/ws/chat/{room}/"; empty where the pattern cannot be turned into one
    parameters: dict[str, str] = field(default_factory=dict)  # the regular expression that each admits
    converters: dict[str, str] = field(default_factory=dict)  # the name of each one's converter, where it has one
    consumer: str = ""  # "chat.consumers.ChatConsumer"
    file: str = ""
    line: int = 0
    style: Style = "ASGI callable"
    frames: Frames = "unknown"
    handlers: tuple[str, ...] = ()  # of messages from the channel layer
    groups: tuple[str, ...] = ()  # those of the class
    subprotocols: tuple[str, ...] = ()
    in_front: tuple[str, ...] = ()  # the middleware, outermost first
    cookies: bool = False  # whether something in front reads cookies
    origins: tuple[str, ...] | None = None  # what an origin validator in front lets in; None: there is none
    denies: bool = False  # it is there to send away what no other route takes
