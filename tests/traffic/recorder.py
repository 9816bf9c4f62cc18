"""An application that keeps what it was given, for the tests of the in-process client."""

from __future__ import annotations

from typing import Any

from channels_conformance.checks.grammar import GrammarError


class Recorder:
    """An echo that keeps what it was given; a text that names a verb makes it do that instead."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = answers or ({"type": "websocket.accept"},)
        self.received: list[dict[str, Any]] = []
        self.scope: dict[str, Any] = {}
        self.refused: list[BaseException] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection."""
        self.scope = scope
        self.received.append(await receive())
        for answer in self.answers:
            await send(answer)
        while (message := await receive())["type"] != "websocket.disconnect":
            self.received.append(message)
            match message.get("text"):
                case "crash":
                    raise ZeroDivisionError("asked to")
                case "return":
                    return
                case "close":
                    await send({"type": "websocket.close", "code": 4001, "reason": "asked to"})
                case text:
                    await send({"type": "websocket.send", "text": text, "bytes": message.get("bytes")})
        self.received.append(message)
        try:
            await send({"type": "websocket.send", "text": "too late"})
        except (OSError, GrammarError) as error:
            self.refused.append(error)
