"""Two consumers that say back what they hear, to anyone; one asynchronous, one synchronous."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer

if TYPE_CHECKING:
    from collections.abc import Iterable

SUBPROTOCOL = "echo.v1"
UNSENDABLE_CODE = json.dumps({"type": "error", "error": "the close code must be 1000 or in 3000..4999"})


def choose_subprotocol(offered: Iterable[str]) -> str | None:
    """Return the subprotocol to accept with. One that was not offered would break the handshake."""
    return SUBPROTOCOL if SUBPROTOCOL in offered else None


def is_close_command(text: str) -> bool:
    """Return whether the text is a JSON object with the type "close"."""
    try:
        command = json.loads(text)
    except (ValueError, RecursionError):  # not JSON, or nested too deep to be read
        return False
    return isinstance(command, dict) and command.get("type") == "close"


def sendable_close_code(text: str) -> int | None:
    """Return the code of a close command, or None if an application may not send it (RFC 6455, section 7.4)."""
    code = json.loads(text).get("code")
    if type(code) is not int:  # not isinstance: True is an int
        return None
    return code if code == 1000 or 3000 <= code <= 4999 else None


class EchoConsumer(AsyncWebsocketConsumer):
    """Say back every frame: text as text, binary as binary, empty as empty."""

    closing = False

    async def connect(self) -> None:
        """Let anyone in."""
        await self.accept(subprotocol=choose_subprotocol(self.scope["subprotocols"]))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Say back the frame, or obey a close command."""
        if self.closing:
            return  # frames that were under way when the server closed
        if text_data is None or not is_close_command(text_data):
            await self.send(text_data=text_data, bytes_data=bytes_data)
            return
        code = sendable_close_code(text_data)
        if code is None:
            await self.send(text_data=UNSENDABLE_CODE)
            return
        self.closing = True
        await self.close(code)


class SyncEchoConsumer(WebsocketConsumer):
    """Do the same in a thread."""

    closing = False

    def connect(self) -> None:
        """Let anyone in."""
        self.accept(subprotocol=choose_subprotocol(self.scope["subprotocols"]))

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Say back the frame, or obey a close command."""
        if self.closing:
            return
        if text_data is None or not is_close_command(text_data):
            self.send(text_data=text_data, bytes_data=bytes_data)
            return
        code = sendable_close_code(text_data)
        if code is None:
            self.send(text_data=UNSENDABLE_CODE)
            return
        self.closing = True
        self.close(code)
