"""The consumer that tells a user what happens to what is theirs."""

from __future__ import annotations

from typing import Any

from notifications.notify import group_of
from realtime.consumers import MemberConsumer


class NotificationConsumer(MemberConsumer):
    """Tell one user, on each of their sockets.

    The user is the one of the session: no path and no message can name another.
    """

    async def connect(self) -> None:
        """Refuse who is not signed in; let the others join their own group, then accept."""
        if not self.user.is_authenticated:
            await self.close()  # before accept(): the client sees HTTP 403
            return
        await self.join(group_of(self.user.pk))
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer that there is nothing to say here."""
        if self.closing:
            return
        await self.answer({"type": "error", "error": "this socket takes no messages"})

    async def report_done(self, event: dict[str, Any]) -> None:
        """Tell that a report is done."""
        await self.deliver_report("done", event)

    async def report_failed(self, event: dict[str, Any]) -> None:
        """Tell that a report could not be made."""
        await self.deliver_report("failed", event)

    async def deliver_report(self, state: str, event: dict[str, Any]) -> None:
        """Tell how a report ended."""
        await self.deliver(
            {
                "type": "notification",
                "event": "report",
                "state": state,
                "text": event["text"],
                "result": event["result"],
            }
        )
