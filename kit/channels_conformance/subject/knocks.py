"""Handshakes on applications of the kit's own, for what is claimed of the routing and the middleware of Channels."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from channels_conformance.history import Connection, Event, History, Kind
from channels_conformance.subject.other_layers import layers_are
from channels_conformance.traffic import patience
from channels_conformance.traffic.communicator import WebsocketClient


class Doorkeeper(AsyncWebsocketConsumer):
    """Lets everybody in, and tells them the parameters that the router found in their path."""

    async def connect(self) -> None:
        """Accept, and tell."""
        await self.accept()
        await self.send(json.dumps(self.scope["url_route"]["kwargs"] if "url_route" in self.scope else {}))


doorkeeper = Doorkeeper.as_asgi()


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """One handshake: where, and with what."""

    path: str = "/"
    origin: str | None = "http://testserver"
    root_path: str = ""

    def __str__(self) -> str:
        told = [f"{name} {value}" for name, value in (("under", self.root_path), ("from", self.origin)) if value]
        return " ".join([self.path, *told]) if self != Knock(path=self.path) else self.path


async def knocked(application: Any, knocks: Iterable[Knock | str]) -> History:
    """Return the history of one handshake after another; a text is the path of one. Each is named by its knock."""
    history = History()
    with layers_are({}):  # nobody has anything to tell anybody
        for asked in knocks:
            await _knock(application, Knock(path=asked) if isinstance(asked, str) else asked, history)
    return history


async def _knock(application: Any, knock: Knock, history: History) -> None:
    who = f"{knock}#1"

    def record(kind: Kind, **event: Any) -> None:
        history.events.append(Event(at=time.monotonic(), kind=kind, connection=who, **event))

    history.connections[who] = Connection(id=who, client=str(knock), audience=str(knock))
    client = WebsocketClient(application, knock.path, origin=knock.origin, root_path=knock.root_path)
    record(Kind.CONNECT)
    accepted, _ = await client.connect(patience.deadline)
    if accepted:
        record(Kind.ACCEPTED)
        record(Kind.RECEIVED, text=await client.receive_from(patience.deadline))
        await client.disconnect()
    elif client.crash:
        record(Kind.CRASHED, detail=f"{type(client.crash).__name__}: {client.crash}")
    else:
        record(Kind.REFUSED, code=client.denial.status if client.denial else 403)
        await client.wait(patience.deadline)


async def called(application: Any, scope: Mapping[str, Any]) -> History:
    """Return the history of one call with a scope of any type, by a server that neither says nor hears anything."""
    history = History()
    who = f"{scope['type']}#1"
    history.connections[who] = Connection(id=who, client=str(scope["type"]))
    history.events.append(Event(at=time.monotonic(), kind=Kind.CONNECT, connection=who))

    async def silent(*_: Any) -> Any:
        raise AssertionError("nothing is to be said or heard")

    try:
        await application(dict(scope), silent, silent)
    except Exception as error:  # noqa: BLE001 -- what it is belongs to the record
        detail = f"{type(error).__name__}: {error}"
        history.events.append(Event(at=time.monotonic(), kind=Kind.CRASHED, connection=who, detail=detail))
    else:
        history.events.append(Event(at=time.monotonic(), kind=Kind.RETURNED, connection=who))
    return history
