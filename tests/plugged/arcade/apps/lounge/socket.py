"""Everything goes over one socket: a client sends commands, each with an id, and each is answered with that id."""

import json
from hashlib import md5

from channels.generic.websocket import AsyncWebsocketConsumer


class CommandError(Exception):
    pass


class Arcade(AsyncWebsocketConsumer):
    room: str | None = None

    async def __call__(self, scope, receive, send):
        try:
            return await super().__call__(scope, receive, send)
        finally:
            await self.leave_room()

    async def connect(self):
        if self.scope["user"].is_authenticated:
            self.player = self.scope["user"].get_username()
            await self.accept()
        else:
            await self.close()

    async def disconnect(self, code):
        room = self.room
        await self.leave_room()
        if room is not None:
            await self.tell(room, "arcade.left", player=self.player)

    async def receive(self, text_data=None, bytes_data=None):
        request = {}
        try:
            request = parse(text_data)
            handler = self.commands.get(text_of(request, "command"))
            if handler is None:
                raise CommandError("no such command")
            answer = await handler(self, request)
        except CommandError as error:
            answer = {"error": str(error)}
        number = request.get("id")
        await self.frame(id=number if isinstance(number, int) else None, **answer)

    async def command_join(self, request):
        room = text_of(request, "room")
        await self.leave_room()
        self.room = room
        await self.channel_layer.group_add(group_of(room), self.channel_name)
        await self.tell(room, "arcade.joined", player=self.player)
        return {"ok": "join", "room": room}

    async def command_send(self, request):
        if self.room is None:
            raise CommandError("join a room first")
        await self.tell(self.room, "arcade.said", player=self.player, text=text_of(request, "text"))
        return {"ok": "send"}

    async def command_leave(self, request):
        await self.leave_room()
        return {"ok": "leave"}

    commands = {"join": command_join, "send": command_send, "leave": command_leave}

    async def arcade_joined(self, event):
        if event["from"] != self.channel_name:
            await self.frame(joined=event["player"])

    async def arcade_left(self, event):
        await self.frame(left=event["player"])

    async def arcade_said(self, event):
        await self.frame(said=event["text"], player=event["player"], room=event["room"])

    async def tell(self, room, kind, **content):
        event = {"type": kind, "from": self.channel_name, "room": room, **content}
        await self.channel_layer.group_send(group_of(room), event)

    async def leave_room(self):
        if self.room is not None:
            await self.channel_layer.group_discard(group_of(self.room), self.channel_name)
            self.room = None

    async def frame(self, **content):
        await self.send(json.dumps(content))


def parse(frame):
    try:
        request = json.loads(frame)
    except (TypeError, ValueError, RecursionError) as error:
        raise CommandError("not JSON") from error
    if not isinstance(request, dict):
        raise CommandError("not an object")
    return request


def text_of(request, key):
    value = request.get(key)
    try:
        if isinstance(value, str) and 0 < len(value.encode()) <= 100_000:
            return value
    except UnicodeEncodeError:
        pass
    raise CommandError(f"{key} must be a text")


def group_of(room):
    return md5(room.encode(), usedforsecurity=False).hexdigest()
