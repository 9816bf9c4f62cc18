"""What a profile and its hooks make of an endpoint: its path, its frames, and what is there before a client comes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Collection
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from channels_conformance.subject.paths import Paths
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.templates import filled_text
from channels_conformance.subject.users import Users
from channels_conformance.traffic.stage import Credential

if TYPE_CHECKING:
    from channels_conformance.subject.run import Run

NOBODY = "nobody"
"""The user whose name and number stand in a template where the client is nobody, so that a path leads somewhere."""


class Endpoints:
    """The endpoints of a subject, filled in for a user and an audience."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.users = Users(run.hooks)
        self._set_up: dict[tuple[str, str], Future[None]] = {}
        self._setting_up = threading.Lock()
        self._paths = Paths()

    async def set_up(self, endpoint: Endpoint, audience: str) -> None:
        """Have the hooks make what an endpoint needs before a client comes to an audience, once for each."""
        if "set_up" not in self.run.hooks:
            return
        with self._setting_up:  # the idle connections come from a thread with a loop of its own
            key = (endpoint.name, audience if endpoint.parameters else "")
            mine = key not in self._set_up
            done = self._set_up.setdefault(key, Future())
        if not mine:
            await asyncio.wrap_future(done)
            return
        try:
            await self.run.hooks.call("set_up", endpoint.name, **self.parameters(endpoint, audience))
        except LookupError:
            pass  # there can be no such place: whoever comes is to be refused
        except BaseException as error:
            done.set_exception(error)
            raise
        done.set_result(None)

    async def values(
        self, credential: Credential, endpoint: Endpoint, *, user: str, audience: str, named: Collection[str]
    ) -> dict[str, Any]:
        """Return what stands for the placeholders that are ``named`` in a template."""
        who = user or NOBODY
        values: dict[str, Any] = self.parameters(endpoint, audience)
        values |= {"user": who, "token": credential.token or NOBODY, "session": credential.session or NOBODY}
        if "user_id" in named:
            values["user_id"] = await self.users.id(who)
        return values

    def path(self, endpoint: Endpoint, audience: str) -> str:
        """Return the path of an endpoint for an audience, without its query."""
        values = {name: quote(str(value), safe="") for name, value in self.parameters(endpoint, audience).items()}
        return filled_text(endpoint.path, values)

    def parameters(self, endpoint: Endpoint, audience: str) -> dict[str, Any]:
        """Return what the parameters of an endpoint are for an audience."""
        return {name: self._paths.value(endpoint, name, audience) for name in endpoint.parameters}

    async def frame(self, endpoint: Endpoint, text: str) -> str | bytes:
        """Return the frame with which a client of an endpoint says ``text``."""
        if "frame" in self.run.hooks:
            with contextlib.suppress(LookupError):  # the template will do for this endpoint
                frame: str | bytes = await self.run.hooks.call_for((str, bytes), "frame", endpoint.name, text)
                return frame
        return endpoint.frame(text)
