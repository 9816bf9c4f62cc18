"""The in-process client keeps the stock verbs and behaves as a server does. One test a mend."""

from __future__ import annotations

import asyncio
from typing import Any

import channels.db
import pytest
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.testing import WebsocketCommunicator

from channels_conformance.checks.grammar import GrammarError
from channels_conformance.traffic.client import Accepted, Closed, ConnectionLost, Refused, Unanswered
from channels_conformance.traffic.communicator import WebsocketClient
from channels_conformance.traffic.in_process import InProcessClient

pytestmark = pytest.mark.asyncio


class Recorder:
    """An echo that keeps what it was given; a text that names a verb makes it do that instead."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = answers or ({"type": "websocket.accept"},)
        self.received: list[dict[str, Any]] = []
        self.scope: dict[str, Any] = {}
        self.refused: list[BaseException] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection."""
        self.scope = scope
        self.received.append(await receive())
        for answer in self.answers:
            await send(answer)
        while (message := await receive())["type"] != "websocket.disconnect":
            self.received.append(message)
            match message.get("text"):
                case "crash":
                    raise ZeroDivisionError("asked to")
                case "return":
                    return
                case "close":
                    await send({"type": "websocket.close", "code": 4001, "reason": "asked to"})
                case text:
                    await send({"type": "websocket.send", "text": text, "bytes": message.get("bytes")})
        self.received.append(message)
        try:
            await send({"type": "websocket.send", "text": "too late"})
        except (OSError, GrammarError) as error:
            self.refused.append(error)


class Echo(AsyncWebsocketConsumer):
    """An ordinary consumer."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Say it back."""
        await self.send(text_data=text_data, bytes_data=bytes_data)


async def test_the_stock_verbs_work_on_a_consumer() -> None:
    """Whoever knows WebsocketCommunicator can use the client without reading anything."""
    client = WebsocketClient(Echo.as_asgi(), "/echo")
    assert isinstance(client, WebsocketCommunicator)

    assert await client.connect() == (True, None)
    await client.send_to("hi")
    assert await client.receive_from() == "hi"
    await client.send_json_to({"a": [1]})
    assert await client.receive_json_from() == {"a": [1]}
    await client.send_to(bytes_data=b"\0")
    assert await client.receive_from() == b"\0"
    await client.disconnect()

    assert not client.violations


async def test_close_old_connections_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a consumer does about its database connections is not switched off."""
    closed: list[bool] = []
    monkeypatch.setattr(channels.db, "close_old_connections", lambda: closed.append(True))
    client = WebsocketClient(Echo.as_asgi(), "/")

    await client.connect()
    await client.disconnect()

    assert closed


@pytest.mark.parametrize("payload", ["", b""])
async def test_empty_frames_are_sent(payload: str | bytes) -> None:
    """An empty frame of either kind reaches the application and comes back."""
    client = InProcessClient(WebsocketClient(Recorder(), "/"))
    await client.open(1)

    await client.send(payload)

    assert await client.receive() == payload


@pytest.mark.parametrize("arguments", [{}, {"text_data": "a", "bytes_data": b"a"}])
async def test_a_frame_has_exactly_one_payload(arguments: dict[str, Any]) -> None:
    """A frame of no payload or of two is refused with a sentence that says what to write."""
    client = WebsocketClient(Recorder(), "/")

    with pytest.raises(ValueError, match="write exactly one of text_data and bytes_data"):
        await client.send_to(**arguments)


async def test_a_receive_that_times_out_does_no_harm() -> None:
    """The application runs on, and what it says next is received."""
    client = WebsocketClient(Recorder(), "/")
    await client.connect()

    with pytest.raises(TimeoutError):
        await client.receive_from(timeout=0)
    await client.send_to("still there")

    assert await client.receive_from() == "still there"


async def test_receive_nothing_keeps_what_it_saw() -> None:
    """An event that receive_nothing() came upon is still there to be received."""
    client = WebsocketClient(Recorder(), "/")
    await client.connect()
    assert await client.receive_nothing(timeout=0)

    await client.send_to("hi")

    assert not await client.receive_nothing(timeout=1)
    assert await client.receive_from() == "hi"


async def test_the_scope_is_whole() -> None:
    """The application is given everything that a server gives it."""
    app = Recorder({"type": "websocket.accept", "subprotocol": "b"})
    client = WebsocketClient(
        app,
        "chat/caf%C3%A9 大/?a=1",
        [(b"X-Tag", b"1"), (b"x-tag", b"2")],
        ["a", "b"],
        cookies={"sessionid": "x", "csrftoken": "y"},
        origin="https://example.org",
        query={"q": "é"},
        root_path="/sub",
    )

    assert await client.connect() == (True, "b")

    assert app.scope == {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/chat/café 大/",
        "raw_path": b"/chat/caf%C3%A9%20%E5%A4%A7/",
        "query_string": b"a=1&q=%C3%A9",
        "root_path": "/sub",
        "headers": [
            (b"host", b"testserver"),
            (b"x-tag", b"1"),
            (b"x-tag", b"2"),
            (b"origin", b"https://example.org"),
            (b"cookie", b"sessionid=x; csrftoken=y"),
        ],
        "client": ["127.0.0.1", 50000],
        "server": ["testserver", 80],
        "subprotocols": ["a", "b"],
        "extensions": {"websocket.http.response": {}},
    }


async def test_a_refused_application_is_told_of_the_disconnect() -> None:
    """After a close instead of an accept, websocket.disconnect is delivered with code 1006."""
    app = Recorder({"type": "websocket.close", "code": 4403})
    client = WebsocketClient(app, "/")

    assert await client.connect() == (False, 4403)
    await client.wait()

    assert client.denial is not None
    assert client.denial.status == 403
    assert app.received[-1] == {"type": "websocket.disconnect", "code": 1006}


async def test_an_application_is_told_of_its_own_close() -> None:
    """After the application's close, websocket.disconnect is delivered with its code, and the client sees the end."""
    app = Recorder()
    client = WebsocketClient(app, "/")
    await client.connect()

    await client.send_to("close")

    assert (await client.receive_output())["code"] == 4001
    with pytest.raises(Closed, match="closed with code 4001: asked to"):
        await client.receive_output()
    with pytest.raises(ConnectionLost):
        await client.send_to("hi")
    await client.wait()
    assert app.received[-1] == {"type": "websocket.disconnect", "code": 4001}
    assert len(client.violations) == 1  # it spoke after its close


@pytest.mark.parametrize(("code", "told"), [(None, 1005), (1000, 1000), (3999, 3999)])
async def test_a_close_tells_its_code(code: int | None, told: int) -> None:
    """The application is told the code that the client closed with, and 1005 where there was none."""
    app = Recorder()
    client = WebsocketClient(app, "/")
    await client.connect()

    await client.close(code)
    await client.close(4000)
    await client.wait()

    assert app.received[-1] == {"type": "websocket.disconnect", "code": told}
    assert [type(error).__name__ for error in app.refused] == ["ClientGone"]
    assert not client.violations


async def test_an_abort_tells_1006() -> None:
    """A dropped connection is told as 1006, after the frames that came before."""
    app = Recorder()
    client = WebsocketClient(app, "/")
    await client.connect()

    await client.send_to("last words")
    await client.abort()
    await client.wait()

    assert [message.get("text", message.get("code")) for message in app.received[1:]] == ["last words", 1006]


@pytest.mark.parametrize(("verb", "code"), [("crash", 1011), ("return", 1006)])
async def test_an_application_that_ends_ends_the_connection(verb: str, code: int) -> None:
    """The client sees a close as behind a server; what was raised is raised by disconnect()."""
    client = WebsocketClient(Recorder(), "/")
    await client.connect()

    await client.send_to(verb)

    assert await client.receive_output() == {"type": "websocket.close", "code": code}
    with pytest.raises(Closed):
        await client.receive_from()
    if verb == "crash":
        with pytest.raises(ZeroDivisionError):
            await client.disconnect()
        assert isinstance(client.crash, ZeroDivisionError)
    else:
        await client.disconnect()
        assert client.crash is None


async def test_a_crash_before_the_handshake_is_answered_is_a_500() -> None:
    """A server answers the handshake of an application that died with HTTP 500."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    client = WebsocketClient(application, "/")

    assert await client.connect() == (False, 1006)
    assert client.denial is not None
    assert client.denial.status == 500
    assert isinstance(client.crash, ZeroDivisionError)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([{"type": "websocket.send", "text": "hi"}], "websocket.send where websocket.connect was delivered"),
        ([{"type": "websocket.accept", "subprotocol": "x"}], "the subprotocol 'x', which the client did not offer"),
        (
            [{"type": "websocket.accept"}, {"type": "websocket.accept"}],
            "websocket.accept where the application accepted",
        ),
        ([{"type": "websocket.accept"}, {"type": "websocket.close", "code": 1006}], "its code 1006 may not be sent"),
        ([{"type": "websocket.close"}, {"type": "websocket.close"}], "websocket.close where the application closed"),
    ],
)
async def test_a_breach_of_the_grammar_is_raised_into_the_application(
    answers: list[dict[str, Any]], sentence: str
) -> None:
    """The application gets the error that a server would raise, and the client keeps it."""
    client = WebsocketClient(Recorder(*answers), "/")

    await client.connect()
    with pytest.raises(GrammarError, match=sentence):
        await client.wait()

    assert [sentence in str(violation) for violation in client.violations] == [True]


async def test_a_return_without_an_answer_is_a_breach() -> None:
    """An application may not return from a handshake that it has not answered."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()

    client = WebsocketClient(application, "/")

    assert await client.connect() == (False, 1006)
    assert len(client.violations) == 1


async def test_a_denial_response_can_be_read() -> None:
    """An HTTP response instead of an accept is kept whole."""
    app = Recorder(
        {"type": "websocket.http.response.start", "status": 429, "headers": [(b"retry-after", b"1")]},
        {"type": "websocket.http.response.body", "body": b"slow ", "more_body": True},
        {"type": "websocket.http.response.body", "body": b"down"},
    )
    client = WebsocketClient(app, "/")

    assert await client.connect() == (False, 1006)

    assert client.denial is not None
    assert (client.denial.status, client.denial.body) == (429, b"slow down")
    assert client.denial.headers == [(b"retry-after", b"1")]
    await client.wait()
    assert app.received[-1] == {"type": "websocket.disconnect", "code": 1006}


async def test_a_denial_response_that_was_not_offered_is_a_breach() -> None:
    """Behind a server without the extension, as Daphne, the application may not use it."""
    app = Recorder({"type": "websocket.http.response.start", "status": 429})
    client = WebsocketClient(app, "/", denial_response=False)

    assert await client.connect() == (False, 1006)
    assert len(client.violations) == 1


async def test_wait_tells_that_the_application_runs_on() -> None:
    """An application that outlives its connection is not taken for one that ended."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await asyncio.Event().wait()

    client = WebsocketClient(application, "/")
    await client.connect()

    with pytest.raises(TimeoutError, match="the application did not end"):
        await client.disconnect(timeout=0.01)
    assert client.future.cancelled()


async def test_sending_needs_an_open_connection() -> None:
    """A frame before the handshake is a mistake of the test, and is told to it."""
    client = WebsocketClient(Recorder(), "/")

    with pytest.raises(RuntimeError, match="await connect"):
        await client.send_to("hi")


async def test_the_players_face_says_how_a_handshake_ended() -> None:
    """A handshake is accepted, refused with a status and the application's code, or unanswered."""

    async def silent(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await receive()

    def client(application: Any) -> InProcessClient:
        return InProcessClient(WebsocketClient(application, "/", subprotocols=["v1"]))

    assert await client(Recorder({"type": "websocket.accept", "subprotocol": "v1"})).open(1) == Accepted("v1")
    assert await client(Recorder({"type": "websocket.close", "code": 4001})).open(1) == Refused(403, 4001)
    assert await client(silent).open(0) == Unanswered("no answer within 0 s")


async def test_the_players_face_ends_with_closed() -> None:
    """receive() raises Closed with the code at the end, every time, also into a receive that waits already."""
    client = InProcessClient(WebsocketClient(Recorder(), "/"))
    await client.open(1)
    waiting = asyncio.create_task(client.receive())

    await client.ping()
    await client.close(None)

    with pytest.raises(Closed, match="1005"):
        await waiting
    with pytest.raises(Closed, match="1005"):
        await client.receive()
    with pytest.raises(ConnectionLost):
        await client.send("hi")
    with pytest.raises(RuntimeError, match="a client opens once"):
        await client.open(1)
