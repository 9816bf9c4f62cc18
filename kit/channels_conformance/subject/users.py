"""Users of the subject, and what they show to come in: what is good, and every kind that must not open a door."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Literal

from django.conf import settings
from django.contrib.auth import get_user_model

from channels_conformance.report.transcript import conceal
from channels_conformance.spec import NotApplicable
from channels_conformance.subject import sessions
from channels_conformance.subject.browser import Browser, browser
from channels_conformance.subject.hooks import Hooks
from channels_conformance.subject.own_thread import in_own_thread
from channels_conformance.subject.profile import Endpoint, ProfileError
from channels_conformance.traffic.stage import Credential

Intruder = Literal["anonymous", "tampered", "garbage", "expired", "logged out", "new password", "inactive", "deleted"]
"""Who must not be taken for a signed-in user, and why."""

GARBAGE = "no-such-token"


class Users:
    """Makes users in the test database, once each, and signs them in as an endpoint wants them."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks
        self._users: dict[str, Any] = {}
        self._browsers: dict[str, Browser] = {}
        self._signed_in: dict[tuple[str, str], Credential] = {}
        self._guests = itertools.count(1)

    async def user(self, name: str) -> Any:
        """Return the user called ``name``, who is made where there is none."""
        if name not in self._users:
            made = self._hooks.call("make_user", name) if "make_user" in self._hooks else in_own_thread(_made)(name)
            user = await made
            if getattr(user, "pk", None) is None:
                raise ProfileError(f"{self._hooks.path}: make_user() returned {user!r:.60}: let it return a user.")
            self._users[name] = user
        return self._users[name]

    async def id(self, name: str) -> Any:
        """Return the primary key of the user called ``name``."""
        return (await self.user(name)).pk

    async def credential(self, name: str, endpoint: Endpoint) -> Credential:
        """Return what a user who is signed in shows to an endpoint; nothing where ``name`` is empty."""
        if not name:
            return Credential()
        key = (name, endpoint.proof)
        if key not in self._signed_in:
            self._signed_in[key] = good = await self._sign_in(name, endpoint)
            for secret in (good.token, good.session, *good.cookies.values()):
                conceal(secret)
        return self._signed_in[key]

    async def browser(self, name: str) -> Browser:
        """Return the browser of a user who has signed in; with no session where the project has none."""
        if name not in self._browsers:
            cookies: dict[str, str] = {}
            if "cookies" in self._hooks:
                cookies = await self._cookies(await self.user(name))
            elif sessions.kept():
                key = await in_own_thread(sessions.sign_in)(await self.user(name))
                cookies = {settings.SESSION_COOKIE_NAME: key}
            self._browsers[name] = made = await in_own_thread(browser)(cookies)
            for secret in (made.token, *made.cookies.values()):
                conceal(secret)
        return self._browsers[name]

    async def _sign_in(self, name: str, endpoint: Endpoint) -> Credential:
        if endpoint.proof == "token":
            if "token" not in self._hooks:
                raise ProfileError(
                    f"[endpoints.{endpoint.name}] names {{token}}, and nothing says what stands for it: "
                    'write a function token(user) into a file, and hooks = "conformance_hooks.py".'
                )
            token = await self._hooks.call_for((str,), "token", await self.user(name))
            return Credential(token=token)
        if endpoint.proof == "cookie" and "cookies" in self._hooks:
            return Credential(cookies=await self._cookies(await self.user(name)))
        if not sessions.kept():
            if endpoint.enter != "authenticated":
                return Credential()  # a project without users
            raise ProfileError(
                f'[endpoints.{endpoint.name}] has enter = "authenticated", and the project keeps no sessions of users: '
                "say by {token} and hooks how they sign in."
            )
        key = await in_own_thread(sessions.sign_in)(await self.user(name))
        return self._of_session(endpoint, key)

    async def _cookies(self, user: Any) -> dict[str, str]:
        cookies: dict[str, str] = await self._hooks.call_for((dict,), "cookies", user)
        return {str(name): str(value) for name, value in cookies.items()}

    @staticmethod
    def _of_session(endpoint: Endpoint, key: str) -> Credential:
        if endpoint.proof == "session":
            return Credential(session=key)
        return Credential(cookies={settings.SESSION_COOKIE_NAME: key})

    # Who must not come in

    def guest(self) -> str:
        """Return the name of a user who has not been here yet."""
        return f"guest{next(self._guests)}"

    async def forged(self, endpoint: Endpoint, value: str) -> Credential:
        """Return a credential of any value, as anybody could make it up who has seen one."""
        return (await self.credential("alice", endpoint)).made(value)

    async def intruder(self, endpoint: Endpoint, kind: Intruder) -> Credential:
        """Return what must not be taken for a signed-in user's, and what nobody has come with before.

        Raise :class:`NotApplicable` where users of the project cannot be of that kind.
        """
        return Credential() if kind == "anonymous" else await self.spoil(endpoint, self.guest(), kind)

    async def intruders(self, endpoint: Endpoint, *kinds: Intruder) -> AsyncIterator[Credential]:
        """Yield an intruder of each kind that there can be."""
        for kind in kinds:
            try:
                intruder = await self.intruder(endpoint, kind)
            except NotApplicable:
                continue
            yield intruder

    async def spoil(self, endpoint: Endpoint, name: str, kind: Intruder) -> Credential:
        """Make what a signed-in user shows no good, in the way of the given kind; return what the user shows then."""
        good = await self.credential(name, endpoint)
        user = await self.user(name)
        del self._signed_in[name, endpoint.proof]
        by_session = endpoint.proof == "session" or (endpoint.proof == "cookie" and "cookies" not in self._hooks)
        if by_session:
            key = good.session or good.cookies[settings.SESSION_COOKIE_NAME]
            return self._of_session(endpoint, await in_own_thread(sessions.spoilt)(user, kind, key))
        if kind == "new password":
            raise NotApplicable("users are not known by Django's session, which is what a new password must end")
        if "spoil" in self._hooks:
            try:
                return good.made(await self._hooks.call_for((str,), "spoil", user, kind))
            except LookupError as none:
                if kind not in ("tampered", "garbage"):
                    raise NotApplicable(
                        f'spoil() of the hooks knows no "{kind}"{f": {none}" if str(none) else ""}'
                    ) from None
        return await self._spoilt_by_us(good, user, kind)

    @staticmethod
    async def _spoilt_by_us(good: Credential, user: Any, kind: Intruder) -> Credential:
        match kind:
            case "garbage":
                return good.made(GARBAGE)
            case "tampered":
                return replace(
                    good,
                    token=tampered(good.token),
                    cookies={name: tampered(value) for name, value in good.cookies.items()},
                )
            case "inactive" | "deleted" if sessions.can_be(user, kind):
                await in_own_thread(sessions.spoil_user)(user, kind)
                return good
        raise NotApplicable(f'the hooks have no function spoil(user, kind) that could make a token "{kind}"')


def tampered(token: str) -> str:
    """Return a token with one character altered, so that a signature in it is another.

    It is the first character behind the last full stop or colon, where a signed token has its signature: the last
    character would not do, for the end of Base64 may hold bits that nobody reads.
    """
    place = max(token.rfind("."), token.rfind(":")) + 1
    if place >= len(token):
        place = 0
    return token[:place] + ("a" if token[place : place + 1] != "a" else "b") + token[place + 1 :] if token else token


def _made(name: str) -> Any:
    model = get_user_model()
    manager: Any = model._default_manager
    found = manager.filter(**{model.USERNAME_FIELD: name}).first()
    if found is not None:
        return found
    required = {field: f"{name}@example.org" if "mail" in field else name for field in model.REQUIRED_FIELDS}
    # No password: the kit signs in through the session, and hashing one takes longer than most specs.
    return manager.create_user(**{model.USERNAME_FIELD: name, **required})
