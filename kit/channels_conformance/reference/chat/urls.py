"""The HTTP paths of the chat."""

from __future__ import annotations

from django.urls import path

import chat.rooms  # noqa: F401  (registers the converter)
from chat import views

urlpatterns = [
    path("", views.index, name="index"),
    path("chat/<room:room>/", views.room_page, name="room"),
    path("api/rooms/<room:room>/messages/", views.room_messages, name="room-messages"),
]
