"""Applications that are called in this process, as a server would: what they answer, and what they raise.

For what takes no network: the events of a server's start, a protocol that no server offers, the rules of WSGI, which
the standard library's own validator knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from channels_conformance.history import Event, History, Kind
from channels_conformance.traffic import patience

ASGI = {"version": "3.0", "spec_version": "2.4"}


class Calls:
    """A play in which each call has a name; it keeps a history."""

    def __init__(self, histories: list[History]) -> None:
        self.history = History()
        histories.append(self.history)

    async def asgi(
        self,
        name: str,
        application: Callable[..., Awaitable[object]],
        scope: Mapping[str, Any],
        *types: str,
    ) -> None:
        """Call an ASGI application with a scope, and hand it events of these types and nothing after them.

        An application that waits for more is given up at the deadline, and has crashed.
        """
        events = iter(types)

        async def receive() -> dict[str, Any]:
            for kind in events:
                self._record(Kind.DELIVERED, connection=name, detail=kind)
                return {"type": kind}
            await asyncio.get_running_loop().create_future()
            raise AssertionError

        async def send(message: Mapping[str, Any]) -> None:
            self._record(Kind.ANSWERED, connection=name, detail=message["type"])

        try:
            async with asyncio.timeout(patience.deadline):
                await application({"asgi": ASGI, **scope}, receive, send)
            self._record(Kind.RETURNED, connection=name)
        except Exception as error:  # noqa: BLE001 -- whatever it raises is what was asked for
            self._record(Kind.CRASHED, connection=name, detail="".join(traceback.format_exception(error)))

    def wsgi(
        self, name: str, application: Callable[..., Any], method: str = "GET", path: str = "/", *, body: bytes = b""
    ) -> None:
        """Call a WSGI application under the validator's eyes, and read its answer; it must be one that ends.

        What breaks a rule leaves the call without an answer.
        """
        self._record(Kind.REQUESTED, marker=name, text=f"{method} {path}")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        setup_testing_defaults(environ)
        answered: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[..., Any]:
            types = (value for header, value in headers if header.lower() == "content-type")
            answered.update(code=int(status[:3]), detail=next(types, ""))
            return lambda data: None

        try:
            answer: Any = validator(application)(environ, start_response)  # which always has close()
            with contextlib.closing(answer):
                text = b"".join(answer).decode("utf-8", "replace")
        except Exception as error:  # noqa: BLE001 -- whatever it raises is what was asked for
            self._record(Kind.NO_RESPONSE, marker=name, detail=f"{type(error).__name__}: {error}")
        else:
            self._record(Kind.RESPONDED, marker=name, text=text, **answered)

    def _record(self, kind: Kind, **event: Any) -> None:
        self.history.events.append(Event(at=time.monotonic(), kind=kind, **event))
