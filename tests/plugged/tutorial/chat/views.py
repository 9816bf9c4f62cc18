"""Two pages, whose scripts do the rest."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def index(request: HttpRequest) -> HttpResponse:
    """Ask which room to go to."""
    return render(request, "chat/index.html")


def room(request: HttpRequest, room_name: str) -> HttpResponse:
    """Show one room, whose script opens the socket."""
    return render(request, "chat/room.html", {"room_name": room_name})
