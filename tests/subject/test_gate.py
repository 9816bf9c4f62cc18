"""The gate of a worker: who answers a client that asked for it waits there, and nobody else does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from channels_conformance.history import Kind
from channels_conformance.subject.gate import GATE, HOLD_ANSWERS, Gate, Shut, gate
from channels_conformance.subject.tap import HEADER, Tap
from tests.subject.test_tap import Recorder, Server, echo, scope


async def _page(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


def frames() -> Server:
    """Return a server that hands over what the echo takes."""
    return Server({"type": "websocket.connect"}, {"type": "websocket.receive", "text": "hi"})


@pytest.mark.asyncio
async def test_an_answer_is_sent_and_its_sender_held_until_the_gate_opens() -> None:
    """The client has the answer while the application still waits in its send()."""
    server, recorder = frames(), Recorder()
    headers = scope((HEADER, "alice#1"), (HOLD_ANSWERS, "1"))

    async with Shut(None, deadline=1):
        served = asyncio.create_task(Tap(echo, recorder)(headers, server.receive, server.send))
        for _ in range(10):  # turns of the loop, of which the application needs a few
            await asyncio.sleep(0)
        sent = [message["type"] for message in server.sent]
    await served

    assert sent == ["websocket.accept", "websocket.send"]
    assert [event["kind"] for event in recorder.events][-4:] == [Kind.HELD, Kind.LET_GO, Kind.ANSWERED, Kind.RETURNED]


async def _closing(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4001})


@pytest.mark.asyncio
async def test_a_close_is_held_as_an_answer_is() -> None:
    """The client has seen the end while the application is still closing."""
    server, recorder = frames(), Recorder()
    headers = scope((HEADER, "alice#1"), (HOLD_ANSWERS, "1"))

    async with Shut(None, deadline=1):
        served = asyncio.create_task(Tap(_closing, recorder)(headers, server.receive, server.send))
        for _ in range(10):  # turns of the loop, of which the application needs a few
            await asyncio.sleep(0)
        sent = [message["type"] for message in server.sent]
    await served

    assert sent == ["websocket.accept", "websocket.close"]
    assert [event["kind"] for event in recorder.events][-3:] == [Kind.HELD, Kind.LET_GO, Kind.RETURNED]


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
