"""Messages in the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from chat.models import Message

if TYPE_CHECKING:
    MessageAdminBase = admin.ModelAdmin[Message]
else:
    MessageAdminBase = admin.ModelAdmin


@admin.register(Message)
class MessageAdmin(MessageAdminBase):
    """The list of messages."""

    list_display = ("id", "room", "author", "text", "created")
    list_select_related = ("author",)
    search_fields = ("room", "text")
