"""The tap reports what crosses the boundary of the application, and changes none of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import MutableMapping
from typing import Any

import pytest

from channels_conformance.history import GONE, Kind
from channels_conformance.subject.tap import HEADER, HOLD_ACCEPT, Message, Receive, Send, Tap, connection

Scope = MutableMapping[str, Any]


class Recorder:
    """Keeps what is reported."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def report(self, kind: Kind, **event: Any) -> None:
        """Keep one event, without the fields that say nothing."""
        self.events.append({"kind": kind, **{name: value for name, value in event.items() if value is not None}})


def scope(*headers: tuple[str, str], type_: str = "websocket") -> Scope:
    """Return the scope of a connection with these headers."""
    return {"type": type_, "headers": [(name.encode(), value.encode()) for name, value in headers]}


class Server:
    """A server that hands over messages, and keeps what it is sent."""

    def __init__(self, *messages: Message) -> None:
        self.messages = list(messages)
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        """Hand over the next message."""
        return self.messages.pop(0)

    async def send(self, message: Message) -> None:
        """Keep a message."""
        self.sent.append(message)


async def echo(scope: Scope, receive: Receive, send: Send) -> str:
    """Accept, answer one frame with itself and close."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "v1"})
    frame = await receive()
    await send({**frame, "type": "websocket.send"})
    await send({"type": "websocket.close"})
    return "done"


@pytest.mark.asyncio
async def test_every_event_is_reported() -> None:
    """What is delivered, answered and returned is reported under the name that the header gives."""
    server, recorder = Server({"type": "websocket.connect"}, {"type": "websocket.receive", "text": "hi"}), Recorder()

    result = await Tap(echo, recorder)(scope(("X-Conformance-Connection", "alice#1")), server.receive, server.send)

    assert result == "done"
    assert [(event["kind"], event.get("detail"), event.get("text")) for event in recorder.events] == [
        (Kind.DELIVERED, "websocket.connect", None),
        (Kind.ANSWERED, "websocket.accept", "v1"),
        (Kind.DELIVERED, "websocket.receive", "hi"),
        (Kind.ANSWERED, "websocket.send", "hi"),
        (Kind.ANSWERED, "websocket.close", None),
        (Kind.RETURNED, None, None),
    ]
    assert {event["connection"] for event in recorder.events} == {"alice#1"}
    assert [message["type"] for message in server.sent] == ["websocket.accept", "websocket.send", "websocket.close"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "untold",
    [scope(), scope(("origin", "http://x")), scope((HEADER, "a#1"), type_="http"), {"type": "lifespan"}],
    ids=["no header", "other header", "http", "lifespan"],
)
async def test_what_is_not_ours_is_let_through(untold: Scope) -> None:
    """A connection without our header, and what is no WebSocket, is handed on with the server's own callables."""
    given: list[Any] = []

    async def application(*arguments: Any) -> None:
        given.extend(arguments)

    server, recorder = Server(), Recorder()
    await Tap(application, recorder)(untold, server.receive, server.send)

    assert given == [untold, server.receive, server.send]
    assert recorder.events == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("message", "told"),
    [
        ({"type": "websocket.receive", "bytes": bytearray(b"\x00")}, {"data": b"\x00"}),
        ({"type": "websocket.receive", "text": "", "bytes": None}, {"text": ""}),
        ({"type": "websocket.disconnect", "code": 1001}, {"code": 1001}),
        ({"type": "websocket.disconnect", "code": None}, {}),
        ({"type": "websocket.close"}, {"code": 1000}),
        ({"type": "websocket.close", "code": 4001}, {"code": 4001}),
        ({"type": "websocket.close", "reason": "full"}, {"code": 1000, "text": "full"}),
        ({"type": "websocket.close", "code": "bad"}, {}),
        ({"type": "websocket.http.response.start", "status": 403}, {"code": 403}),
        ({"type": "websocket.accept"}, {}),
        ({"type": "websocket.accept", "subprotocol": "v1", "text": "x"}, {"text": "v1"}),
        ({"type": "websocket.send", "text": 3}, {}),
    ],
)
async def test_a_message_is_summed_up(message: Message, told: dict[str, Any]) -> None:
    """Text, bytes and the code are reported where they are what they should be; for an accept, the subprotocol."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        assert await receive() is message
        await send(message)

    server, recorder = Server(message), Recorder()
    await Tap(application, recorder)(scope((HEADER, "a#1")), server.receive, server.send)

    delivered, answered, _ = recorder.events
    assert delivered == {"kind": Kind.DELIVERED, "connection": "a#1", "detail": message["type"], **told}
    assert answered == {**delivered, "kind": Kind.ANSWERED}
    assert server.sent == [message]


@pytest.mark.asyncio
@pytest.mark.parametrize("error", [ValueError("no such room"), asyncio.CancelledError(), SystemExit(1)])
async def test_a_crash_is_reported_and_goes_on(error: BaseException) -> None:
    """Whatever leaves the application is reported with its traceback, and the server sees it as before."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    recorder, server = Recorder(), Server()

    with pytest.raises(type(error)) as caught:
        await Tap(application, recorder)(scope((HEADER, "a#1")), server.receive, server.send)

    assert caught.value is error
    (event,) = recorder.events
    assert event["kind"] is Kind.CRASHED
    assert type(error).__name__ in event["detail"].splitlines()[-1]


@pytest.mark.asyncio
async def test_whatever_runs_for_a_connection_knows_its_name() -> None:
    """A context variable names the connection, in tasks and threads of the application, and not outside."""
    names: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        names.append(await asyncio.to_thread(connection.get))

        async def task() -> None:
            names.append(connection.get())

        await asyncio.create_task(task())

    tap, server = Tap(application, Recorder()), Server()
    await asyncio.create_task(tap(scope((HEADER, "a#1")), server.receive, server.send))

    assert names == ["a#1", "a#1"]
    assert connection.get() == ""


@pytest.mark.asyncio
async def test_an_accept_may_be_held() -> None:
    """With the header, the application's accept returns when the client has sent something, which is lost to nobody."""
    server, recorder = Server({"type": "websocket.connect"}, {"type": "websocket.receive", "text": "hi"}), Recorder()
    seen: list[Any] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        seen.append(list(server.messages))
        seen.append(await receive())

    held = scope((HEADER, "a#1"), (HOLD_ACCEPT, "1"))
    await Tap(application, recorder)(held, server.receive, server.send)

    assert seen == [[], {"type": "websocket.receive", "text": "hi"}]
    assert [event["kind"] for event in recorder.events] == [
        Kind.DELIVERED,
        Kind.ANSWERED,
        Kind.DELIVERED,
        Kind.RETURNED,
    ]


class GoneError(OSError):
    """What a server raises where there is nobody to send to."""


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("received", "sent", "error", "marked"),
    [
        (["websocket.connect"], ["websocket.accept", "websocket.send"], GoneError(), GONE),
        # What has been received is not handled yet: a consumer handles one message after the other.
        (["websocket.connect", "websocket.disconnect"], ["websocket.accept", "websocket.send"], GoneError(), GONE),
        (["websocket.connect"], ["websocket.accept", "websocket.close", "websocket.send"], GoneError(), None),
        (["websocket.connect"], ["websocket.accept", "websocket.send"], TypeError("text must be a str"), None),
    ],
    ids=["the client has gone", "the end is under way", "the application has closed", "another error"],
)
async def test_a_client_that_has_gone_is_told_from_a_crash(
    received: list[str], sent: list[str], error: Exception, marked: str | None
) -> None:
    """What a server raises since nobody is there is marked, unless the application has closed the connection itself."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in received:
            await receive()
        for kind in sent:
            await send({"type": kind})

    class Failing(Server):
        async def send(self, message: Message) -> None:
            if message["type"] == "websocket.send":
                raise error

    server, recorder = Failing(*({"type": kind} for kind in received)), Recorder()
    with pytest.raises(type(error)):
        await Tap(application, recorder)(scope((HEADER, "a#1")), server.receive, server.send)

    assert recorder.events[-1]["kind"] is Kind.CRASHED
    assert recorder.events[-1].get("marker") == marked


@pytest.mark.asyncio
async def test_a_crash_of_its_own_is_one_although_the_client_has_gone() -> None:
    """An application that outlives the server's exception, and then raises another, has crashed."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(OSError):
            await send({"type": "websocket.send"})
        raise LookupError

    class Failing(Server):
        async def send(self, message: Message) -> None:
            raise GoneError

    server, recorder = Failing(), Recorder()
    with pytest.raises(LookupError):
        await Tap(application, recorder)(scope((HEADER, "a#1")), server.receive, server.send)

    assert "marker" not in recorder.events[-1]
