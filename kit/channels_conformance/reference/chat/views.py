"""The pages of the chat, and what its script asks for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from chat.models import Message
from chat.rooms import MAX_LENGTH

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


@require_GET
def room_messages(request: HttpRequest, room: str) -> JsonResponse:
    """Answer the last messages of a room, oldest first."""
    if not request.user.is_authenticated:
        return JsonResponse({"error": "sign in first"}, status=401)
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
