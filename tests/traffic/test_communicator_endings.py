"""However a connection ends, application and client are told as behind a server. One test a mend."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from channels_conformance.checks.grammar import GrammarError
from channels_conformance.traffic.client import Closed, ConnectionLost
from channels_conformance.traffic.communicator import WebsocketClient
from tests.traffic.recorder import Recorder

pytestmark = pytest.mark.asyncio


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
