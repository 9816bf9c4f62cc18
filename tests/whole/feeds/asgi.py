# mypy: ignore-errors
"""A project in one file whose clients say nothing: a feed for all, and a bell for each user, both told over HTTP."""

import json

from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator, WebsocketDenier
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path, re_path

http = get_asgi_application()


class Listener(AsyncWebsocketConsumer):
    """A member of one group, which is told what the group is told."""

    group = "feed"

    async def connect(self):
        """Join, then accept."""
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def __call__(self, scope, receive, send):
        """Serve the connection, and leave however it ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def told(self, event):
        """Tell the client."""
        await self.send(json.dumps({"told": event["text"]}))


class Bell(Listener):
    """A user's own."""

    async def connect(self):
        """Refuse who is nobody."""
        if not self.scope["user"].is_authenticated:
            await self.close()
            return
        self.group = f"user.{self.scope['user'].pk}"
        await super().connect()


async def news(request):
    """Tell everybody a headline."""
    user = await request.auser()
    if request.method != "POST" or not user.is_authenticated:
        return HttpResponse(status=403)
    await get_channel_layer().group_send("feed", {"type": "told", "text": request.POST["headline"]})
    return HttpResponse(status=204)


async def ring(request, name):
    """Ring the bell of some users."""
    user = await request.auser()
    if request.method != "PUT" or {name, request.headers["X-Whom"]} != {user.username}:
        return HttpResponse(status=403)
    content = json.loads(request.body)
    for key in content["for"]:
        await get_channel_layer().group_send(f"user.{key}", {"type": "told", "text": content["text"]})
    return HttpResponse("rung")


urlpatterns = [path("news/", news), path("ring/<name>/", ring)]

routes = [
    path("feed/", Listener.as_asgi()),
    path("bell/", Bell.as_asgi()),
    re_path("", WebsocketDenier.as_asgi()),
]
websocket = AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(routes)))
application = ProtocolTypeRouter({"http": http, "websocket": websocket})
