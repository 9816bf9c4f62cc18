import base64
import json

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.urls import path

from guestbook.models import Line


class Parlor(AsyncWebsocketConsumer):
    async def connect(self):
        self.guest = self.scope["user"]
        self.name = self.scope["url_route"]["kwargs"]["name"]
        group = "parlor." + base64.urlsafe_b64encode(self.name.encode()).decode().rstrip("=")
        if not self.guest.is_authenticated or len(group) > 99:
            return await self.close()
        self.groups.append(group)  # which Channels leaves by itself when the visitor goes
        await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        words = spoken(text_data)
        if not words:
            return await self.show("guestbook/notice.html", notice="Say something that can be written down.")
        try:
            line = await self.write(words)
        except DatabaseError:
            return await self.show("guestbook/notice.html", notice="That got lost. Say it again, please.")
        for group in self.groups:
            await self.channel_layer.group_send(
                group, {"type": "line", "line": line, "guest": self.guest.get_username(), "words": words}
            )

    @database_sync_to_async
    def write(self, words):
        return Line.objects.create(parlor=self.name, guest_id=self.guest.pk, words=words).pk

    async def line(self, event):
        await self.show("guestbook/line.html", line=event["line"], guest=event["guest"], words=event["words"])

    async def show(self, template, **context):
        await self.send(text_data=render_to_string(template, context))


def spoken(frame):
    try:
        form = json.loads(frame)
        words = form["message"]
        words.encode()
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return ""
    return words if isinstance(words, str) else ""


class Router(URLRouter):
    """Send away who asks for what is not here, where URLRouter would raise; and leave groups however a visit ends."""

    async def __call__(self, scope, receive, send):
        try:
            return await super().__call__(scope, receive, send)
        except ValueError as error:
            if "No route found" not in str(error):
                raise
        await receive()
        await send({"type": "websocket.close"})


async def parlor(scope, receive, send):
    consumer = Parlor()
    try:
        await consumer(scope, receive, send)
    finally:
        for group in consumer.groups:
            await consumer.channel_layer.group_discard(group, consumer.channel_name)


router = Router([path("parlors/<str:name>/live/", parlor)])
