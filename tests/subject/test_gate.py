"""The gate of a worker: who answers a client that asked for it waits there, and nobody else does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from channels_conformance.history import Kind
from channels_conformance.subject.gate import GATE, HOLD_ANSWERS, Gate, Shut, gate
from channels_conformance.subject.tap import HEADER, Tap
from tests.subject.test_tap import Recorder, Server, echo, scope

DEADLINE = 10  # seconds after which an application that should be held never will be


async def _page(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


def frames() -> Server:
    """Return a server that hands over what the echo takes."""
    return Server({"type": "websocket.connect"}, {"type": "websocket.receive", "text": "hi"})


class Witness(Recorder):
    """Keeps what is reported, and wakes whoever waits for an application to be held."""

    def __init__(self) -> None:
        super().__init__()
        self.held = asyncio.Event()

    def report(self, kind: Kind, **event: Any) -> None:
        """Keep one event."""
        super().report(kind, **event)
        if kind is Kind.HELD:
            self.held.set()


async def _closing(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4001})


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("application", "sent", "after"),
    [(echo, "websocket.send", [Kind.ANSWERED, Kind.RETURNED]), (_closing, "websocket.close", [Kind.RETURNED])],
)
async def test_what_is_sent_arrives_and_its_sender_is_held_until_the_gate_opens(
    application: Any, sent: str, after: list[Kind]
) -> None:
    """The client has the answer, or has seen the end, while the application still waits in its send()."""
    server, witness = frames(), Witness()
    headers = scope((HEADER, "alice#1"), (HOLD_ANSWERS, "1"))

    async with Shut(None, deadline=1):
        served = asyncio.create_task(Tap(application, witness)(headers, server.receive, server.send))
        await asyncio.wait_for(witness.held.wait(), DEADLINE)
        arrived = [message["type"] for message in server.sent]
        last = witness.events[-1]["kind"]
    await served

    assert arrived == ["websocket.accept", sent]
    assert last is Kind.HELD
    assert [event["kind"] for event in witness.events][-len(after) - 2 :] == [Kind.HELD, Kind.LET_GO, *after]


@pytest.mark.asyncio
async def test_who_did_not_ask_for_it_is_never_held() -> None:
    """Other connections pass the gate while it is shut, and all pass while it is open."""
    for headers in (scope((HEADER, "bob#1")), scope((HEADER, "bob#1"), (HOLD_ANSWERS, "1"))):
        server, recorder = frames(), Recorder()
        if len(headers["headers"]) == 1:
            gate.turn("shut")
        await Tap(echo, recorder)(headers, server.receive, server.send)
        gate.turn("open")

        assert Kind.HELD not in [event["kind"] for event in recorder.events]


@pytest.mark.asyncio
async def test_a_request_turns_the_gate_and_is_answered() -> None:
    """The header of an HTTP request shuts and opens it; without the header nothing changes."""
    for how, is_shut in (("shut", True), ("", True), ("open", False), ("", False)):
        server = Server()
        headers = scope(*([(GATE, how)] if how else []), type_="http")

        await Tap(_page, Recorder())(headers, server.receive, server.send)

        assert gate.is_shut is is_shut
        assert [message["type"] for message in server.sent] == ["http.response.start"]


@pytest.mark.asyncio
async def test_an_open_gate_keeps_nobody_and_opens_twice() -> None:
    """To open what is open, or to shut what is shut, changes nothing."""
    one = Gate()
    await one.opened()
    one.turn("shut")
    one.turn("shut")
    assert one.is_shut
    one.turn("open")
    one.turn("open")
    assert not one.is_shut
    await one.opened()


@pytest.mark.asyncio
async def test_this_process_has_no_page() -> None:
    """A page can be visited on a server only."""
    with pytest.raises(ValueError, match="name a server"):
        await Shut(None, deadline=1).visit(None)  # type: ignore[arg-type]
