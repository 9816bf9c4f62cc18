"""Django's own sessions: signing a user in without a password, and every way in which a session stops being good."""

from __future__ import annotations

import secrets
from importlib import import_module
from typing import Any
from unittest import mock

from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.exceptions import FieldDoesNotExist
from django.core.signing import TimestampSigner, b62_encode
from django.db.models import ProtectedError, RestrictedError
from django.test.utils import override_settings

from channels_conformance.spec import NotApplicable

FAST = "django.contrib.auth.hashers.MD5PasswordHasher"
"""What a password of ours is hashed with: nobody signs in by it, and a slow hash takes half a second of a processor."""


def kept() -> bool:
    """Return whether the project has users, and sessions to sign them in by."""
    in_database = settings.SESSION_ENGINE.rpartition(".")[2] in ("db", "cached_db")
    stored = apps.is_installed("django.contrib.sessions") or not in_database
    return apps.is_installed("django.contrib.auth") and stored


def sign_in(user: Any) -> str:
    """Sign a user in; return the key of the session."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = user._meta.pk.value_to_string(user)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def spoilt(user: Any, kind: str, key: str) -> str:
    """Make a session no good, in the way of the given kind; return the key that its user comes with then."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    match kind:
        case "anonymous":
            return ""
        case "garbage":
            return "no such session; ünïcode".encode().hex()
        case "tampered":
            return key[:-1] + ("a" if key[-1] != "a" else "b")
        case "expired":
            session = store(key)
            session.set_expiry(-3600)
            # A session that is kept in its cookie expires by the time it was signed at.
            with mock.patch.object(TimestampSigner, "timestamp", return_value=b62_encode(0)):
                session.save()
            return str(session.session_key)
        case "logged out":
            store(key).flush()
        case _:
            spoil_user(user, kind)
    return key


def can_be(user: Any, kind: str) -> bool:
    """Return whether a user is a row that can be deactivated, or deleted."""
    if kind == "deleted":
        return hasattr(user, "delete")
    try:
        return user._meta.get_field("is_active") is not None
    except (AttributeError, FieldDoesNotExist):
        return False


def spoil_user(user: Any, kind: str) -> None:
    """Deactivate a user, delete one, or change its password.

    Raise :class:`NotApplicable` where the project keeps its users from that.
    """
    if kind == "inactive":
        user.is_active = False
        user.save()
    elif kind == "deleted":
        try:
            user.delete()
        except (ProtectedError, RestrictedError):
            raise NotApplicable("the project keeps users who have said something from being deleted") from None
    elif kind == "new password":
        if not (hasattr(user, "set_password") and hasattr(user, "get_session_auth_hash")):
            raise NotApplicable("users of the project have no password")
        with override_settings(PASSWORD_HASHERS=[FAST]):  # what the hash is made with is not what is judged
            user.set_password(secrets.token_urlsafe())
        user.save()
