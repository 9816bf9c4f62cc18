"""A whiteboard for one meeting room: one process, nothing stored, whoever has the link may draw."""

import os
from urllib.parse import quote_plus

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
http = get_asgi_application()

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.http import HttpResponse
from django.urls import path, re_path


class Echo(AsyncConsumer):
    async def websocket_connect(self, event):
        await self.send({"type": "websocket.accept"})

    async def websocket_receive(self, event):
        await self.send({"type": "websocket.send", "text": event.get("text"), "bytes": event.get("bytes")})

    async def websocket_disconnect(self, event):
        raise StopConsumer


class Board(Echo):
    name = None

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.name:
                await self.channel_layer.group_discard(self.name, self.channel_name)

    async def websocket_connect(self, event):
        name = group_named(self.scope["url_route"]["kwargs"]["board"])
        if name is None:
            await self.send({"type": "websocket.close"})
            return
        self.name = name
        await self.channel_layer.group_add(name, self.channel_name)
        await self.send({"type": "websocket.accept"})

    async def websocket_receive(self, event):
        await self.channel_layer.group_send(
            self.name, {"type": "board.stroke", "text": event.get("text"), "bytes": event.get("bytes")}
        )

    async def board_stroke(self, event):
        await self.send({"type": "websocket.send", "text": event["text"], "bytes": event["bytes"]})


class Closed(AsyncConsumer):
    async def websocket_connect(self, event):
        await self.send({"type": "websocket.close"})

    async def websocket_disconnect(self, event):
        raise StopConsumer


def group_named(board):
    """Return the group of a board: its name, escaped with what group names may hold; None where that is too long."""
    name = quote_plus(board, safe="").replace("_", "%5F").replace("+", "%20").replace("%", "_").replace("~", "_7E")
    return name if len(name) < 100 else None


urlpatterns = [path("", lambda request: HttpResponse("whiteboard"))]

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": URLRouter(
            [
                path("echo", Echo.as_asgi()),
                path("boards/<board>", Board.as_asgi()),
                re_path(r"^", Closed.as_asgi()),
            ]
        ),
    }
)
