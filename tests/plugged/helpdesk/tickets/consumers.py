import hashlib

from asgiref.sync import async_to_sync
from channels.exceptions import DenyConnection
from channels.generic.websocket import JsonWebsocketConsumer, WebsocketConsumer
from django.db import Error as DatabaseError

from tickets.models import Reply, Ticket


class LeavesGroups:
    """Channels calls disconnect() only where nothing was raised; a group is to be left after an exception as well."""

    group = None

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.group is not None:
                await self.channel_layer.group_discard(self.group, self.channel_name)


class TicketConsumer(LeavesGroups, JsonWebsocketConsumer):
    def connect(self):
        self.user = self.scope["user"]
        if self.user.is_anonymous:
            raise DenyConnection("sign in first")
        self.reference = self.scope["url_route"]["kwargs"]["reference"]
        self.group = "ticket-" + hashlib.blake2s(self.reference.encode(), digest_size=16).hexdigest()
        async_to_sync(self.channel_layer.group_add)(self.group, self.channel_name)
        self.accept()

    def receive(self, text_data=None, bytes_data=None, **kwargs):
        try:
            content = self.decode_json(text_data)
        except (TypeError, ValueError, RecursionError):
            self.send_json({"error": "not JSON"})
        else:
            self.receive_json(content)

    def receive_json(self, content, **kwargs):
        body = content.get("body") if isinstance(content, dict) else None
        if not is_text(body):
            self.send_json({"error": "a reply needs a body"})
            return
        try:
            reply = self.save(body, internal=content.get("internal") is True)
        except DatabaseError:
            self.send_json({"error": "your reply was not saved"})
            return
        async_to_sync(self.channel_layer.group_send)(
            self.group,
            {
                "type": "ticket.reply",
                "reply": {"id": reply.pk, "by": self.user.get_username(), "body": body, "internal": reply.internal},
            },
        )

    def save(self, body, *, internal):
        ticket, _ = Ticket.objects.get_or_create(reference=self.reference)
        return Reply.objects.create(ticket=ticket, author=self.user, body=body, internal=internal)

    def ticket_reply(self, event):
        self.send_json({"event": "reply", **event["reply"]})


class NowhereConsumer(WebsocketConsumer):
    def connect(self):
        raise DenyConnection("no such place")


def is_text(value):
    if not isinstance(value, str) or not value.strip() or len(value) > 20_000:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
