"""The consumer that chat and notifications are built on."""

from __future__ import annotations

import json
import time
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from realtime.sessions import is_still_signed_in

CLOSE_SIGNED_OUT = 4401
"""Close code for a user who is no longer signed in: from the application's own range, with HTTP's 401 in mind."""

SESSION_CHECK_INTERVAL = 5.0
"""Seconds for which a listener is trusted to be signed in; a query for each message and listener costs too much."""


class MemberConsumer(AsyncWebsocketConsumer):
    """A WebSocket of a signed-in user that is a member of groups, and leaves them however it ends."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.joined: set[str] = set()
        self.closing = False
        self.session_checked_at = time.monotonic()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the connection, then leave the groups.

        Channels calls ``disconnect()`` when the client has gone, but not when a handler raises or the server cancels
        the consumer. Without this, such a channel stays a member for a day, and Redis keeps filling its mailbox.
        """
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.leave_groups()

    @property
    def user(self) -> Any:
        """The user as of the handshake; one without a valid session is an AnonymousUser."""
        return self.scope["user"]

    async def disconnect(self, code: int) -> None:
        """Leave the groups. Also called after a refused handshake, so nothing is taken for granted here."""
        await self.leave_groups()

    async def join(self, group: str) -> None:
        """Become a member of a group."""
        self.joined.add(group)
        await self.channel_layer.group_add(group, self.channel_name)

    async def leave_groups(self) -> None:
        """Leave every group that was joined and not left yet."""
        for group in list(self.joined):
            await self.channel_layer.group_discard(group, self.channel_name)
            self.joined.discard(group)  # only now: a cancelled attempt is made again

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:  # noqa: FBT001 (Channels')
        """Close the socket. Before ``accept()`` this refuses the handshake: the client sees HTTP 403.

        What still arrives, from the client or a group, is then to be ignored: to send after a close is an error.
        """
        self.closing = True
        await super().close(code, reason)

    async def check_session(self) -> bool:
        """Return whether the user is still signed in; close the socket if not."""
        if await is_still_signed_in(self.scope):
            self.session_checked_at = time.monotonic()
            return True
        await self.close(CLOSE_SIGNED_OUT)
        return False

    async def answer(self, payload: dict[str, Any]) -> None:
        """Send JSON to this client."""
        await self.send(text_data=json.dumps(payload))

    async def deliver(self, payload: dict[str, Any]) -> None:
        """Send to this client what came from a group, if it may still hear it."""
        if self.closing:
            return
        trusted_for = time.monotonic() - self.session_checked_at
        if trusted_for > SESSION_CHECK_INTERVAL and not await self.check_session():
            return
        await self.answer(payload)
