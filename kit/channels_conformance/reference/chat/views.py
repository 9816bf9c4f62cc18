"""The pages of the chat, and what its script asks for."""

from __future__ import annotations

import functools
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_http_methods

from chat.frames import BadFrameError, read_message
from chat.models import Message
from chat.rooms import MAX_LENGTH, group_of

HISTORY_LENGTH = 100
"""How many of the last messages of a room are told."""


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show who is signed in and the rooms; ``?room=NAME`` leads to a room."""
    wanted = request.GET.get("room", "")
    unfit = False
    if wanted:
        try:
            return redirect(reverse("room", args=[wanted]))
        except NoReverseMatch:
            unfit = True
    rooms = Message.objects.order_by("room").values_list("room", flat=True).distinct()
    context = {"rooms": rooms, "unfit": unfit, "max_length": MAX_LENGTH}
    return render(request, "chat/index.html", context, status=400 if unfit else 200)


@require_GET
@login_required
def room_page(request: HttpRequest, room: str) -> HttpResponse:
    """Show a room; the script on the page opens the WebSocket."""
    return render(request, "chat/room.html", {"room": room})


@require_http_methods(["GET", "POST"])
def room_messages(request: HttpRequest, room: str) -> JsonResponse:
    """Answer the last messages of a room, oldest first; by POST, take one more."""
    if not request.user.is_authenticated:
        return JsonResponse({"error": "sign in first"}, status=401)
    if request.method == "POST":
        return say(request, room)
    newest_first = Message.objects.filter(room=room).select_related("author").order_by("-id")[:HISTORY_LENGTH]
    messages = [
        {
            "id": message.pk,
            "user": message.author.get_username(),
            "message": message.text,
            "created": message.created.isoformat(),
        }
        for message in reversed(newest_first)
    ]
    return JsonResponse({"room": room, "messages": messages})


def say(request: HttpRequest, room: str) -> JsonResponse:
    """Take ``{"message": ...}`` as a socket would, store it, answer 201 and tell the room."""
    try:
        text = read_message(request.body.decode())
    except BadFrameError as bad:
        return JsonResponse({"error": str(bad)}, status=400)
    except UnicodeDecodeError:
        return JsonResponse({"error": "the body must be UTF-8"}, status=400)
    with transaction.atomic():
        author: Any = request.user
        message = Message.objects.create(room=room, author=author, text=text)
        # Not before the commit: whoever hears of the message can also read it.
        transaction.on_commit(functools.partial(tell_room, message))
    return JsonResponse({"id": message.pk}, status=201)


def tell_room(message: Message) -> None:
    """Tell a room, wherever its clients are served, what was said in it."""
    channel_layer: Any = get_channel_layer()
    event = {
        "type": "chat.message",
        "id": message.pk,
        "room": message.room,
        "user": message.author.get_username(),
        "message": message.text,
    }
    async_to_sync(channel_layer.group_send)(group_of(message.room), event)
