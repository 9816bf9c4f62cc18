"""Whether the user of a WebSocket is still signed in."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from channels.auth import get_user
from django.conf import settings


async def is_still_signed_in(scope: Any) -> bool:
    """Return whether the session that opened the socket still belongs to the same, active user.

    ``scope["user"]`` is as it was at the handshake, and ``scope["session"]`` remembers what it has read. So the session
    is read anew: a logout has deleted it, a new password has made its hash wrong, and a deactivated user is no user.
    """
    session_store = import_module(settings.SESSION_ENGINE).SessionStore
    fresh_scope: Any = {"session": session_store(scope["session"].session_key)}
    user = await get_user(fresh_scope)
    return bool(user.pk == scope["user"].pk)
