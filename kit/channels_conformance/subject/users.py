"""Users of the subject, and the session cookies they come with: good ones, and every kind that must not open a door."""

from __future__ import annotations

import itertools
from importlib import import_module
from typing import Any, Literal
from unittest import mock

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.core.signing import TimestampSigner, b62_encode

Intruder = Literal["anonymous", "tampered", "garbage", "expired", "logged out", "inactive", "deleted"]
"""Who must not be taken for a signed-in user, and why."""


class Users:
    """Makes users in the test database, once each, and signs them in."""

    def __init__(self) -> None:
        self._cookies: dict[str, str] = {}
        self._ids: dict[str, Any] = {}
        self._guests = itertools.count(1)

    async def id(self, name: str) -> Any:
        """Return the primary key of the user called ``name``, who is made where there is none."""
        if name not in self._ids:
            self._ids[name] = (await sync_to_async(_user)(name)).pk
        return self._ids[name]

    async def cookies(self, name: str) -> dict[str, str]:
        """Return the cookies of a user who is signed in; of nobody where ``name`` is empty."""
        if not name:
            return {}
        if name not in self._cookies:
            self._cookies[name] = await sync_to_async(_sign_in)(name)
        return {settings.SESSION_COOKIE_NAME: self._cookies[name]}

    def guest(self) -> str:
        """Return the name of a user who has not been here yet."""
        return f"guest{next(self._guests)}"

    async def intruder(self, kind: Intruder) -> dict[str, str]:
        """Return cookies that must not be taken for those of a signed-in user, and that nobody has come with before."""
        return {} if kind == "anonymous" else await self.spoil(self.guest(), kind)

    async def spoil(self, name: str, kind: Intruder) -> dict[str, str]:
        """Make the session of a user, who is signed in, one of the given kind; return the cookies it has then."""
        cookies = await self.cookies(name)
        del self._cookies[name]
        return self.cookie(await sync_to_async(_spoilt)(name, kind, cookies[settings.SESSION_COOKIE_NAME]))

    def cookie(self, value: str) -> dict[str, str]:
        """Return a session cookie of any value."""
        return {settings.SESSION_COOKIE_NAME: value}


def _user(name: str) -> Any:
    model = get_user_model()
    manager: Any = model._default_manager
    found = manager.filter(**{model.USERNAME_FIELD: name}).first()
    if found is not None:
        return found
    required = {field: f"{name}@example.org" if "mail" in field else name for field in model.REQUIRED_FIELDS}
    # No password: the kit signs in through the session, and hashing one takes longer than most specs.
    return manager.create_user(**{model.USERNAME_FIELD: name, **required})


def _sign_in(name: str) -> str:
    user = _user(name)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = user._meta.pk.value_to_string(user)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def _spoilt(name: str, kind: Intruder, key: str) -> str:
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
        case "inactive":
            user = _user(name)
            user.is_active = False
            user.save()
        case "deleted":
            _user(name).delete()
    return key
