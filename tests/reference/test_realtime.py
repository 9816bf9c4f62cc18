"""What all sockets of signed-in users share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from autobahn.exception import Disconnected
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.test import Client

from notifications.notify import notify
from realtime.consumers import SESSION_CHECK_INTERVAL, MemberConsumer
from realtime.middleware import GoneClientMiddleware
from tests.reference.conftest import Visit, Visitor

SOCKET = "/ws/notifications/"
Later = Callable[[float], None]
"""Lets so many seconds pass."""

DONE = {"type": "report.done", "text": "a", "result": {}}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Give a way to let time pass for whoever looks at the clock of the consumers."""
    now = [1000.0]
    monkeypatch.setattr("realtime.consumers.time.monotonic", lambda: now[0])

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    return pass_by


@pytest.fixture
async def listener(visit: Visit, browser: Client, later: Later) -> Visitor:
    """Give a socket that she listens on, whose consumer looks at that clock from the first."""
    return await visit(SOCKET, browser=browser)


@pytest.fixture
def tell(alice: Any) -> Callable[[], Awaitable[None]]:
    """Give a way to tell her something."""
    return partial(sync_to_async(notify), alice.pk, DONE)


async def test_a_listener_is_trusted_for_a_while(
    listener: Visitor, tell: Callable[[], Awaitable[None]], signs_out: Callable[[], Awaitable[None]], later: Later
) -> None:
    """Then its session is read anew, and one that has ended ends the socket."""
    await signs_out()

    later(SESSION_CHECK_INTERVAL)
    await tell()
    assert (await listener.hears())["state"] == "done"

    later(0.001)
    await tell()
    await tell()
    assert await listener.is_closed() == 4401
    await listener.say("too late")
    assert await listener.leaves() == []


async def test_a_session_that_was_found_good_is_trusted_again(
    listener: Visitor, tell: Callable[[], Awaitable[None]], signs_out: Callable[[], Awaitable[None]], later: Later
) -> None:
    """From that moment on."""
    later(SESSION_CHECK_INTERVAL + 1)
    await tell()
    assert (await listener.hears())["state"] == "done"
    await signs_out()

    later(SESSION_CHECK_INTERVAL)
    await tell()
    assert (await listener.hears())["state"] == "done"


async def test_a_session_of_another_user_is_not_hers(
    listener: Visitor, tell: Callable[[], Awaitable[None]], browser: Client, later: Later
) -> None:
    """The cookie is the same, and the user behind it is not: somebody signed in where she had been."""
    await sync_to_async(taken_over)(browser)

    later(SESSION_CHECK_INTERVAL + 1)
    await tell()

    assert await listener.is_closed() == 4401


async def test_a_group_that_could_not_be_left_is_left_at_the_next_attempt() -> None:
    """What failed is not forgotten, and what is done is not done again."""
    left: list[str] = []

    class Layer:
        async def group_discard(self, group: str, channel: str) -> None:
            left.append(group)
            if len(left) == 1:
                raise OSError("no Redis")

    consumer: Any = MemberConsumer()
    consumer.channel_layer, consumer.channel_name = Layer(), "specific.1!a"
    consumer.joined.add("user.1")

    with pytest.raises(OSError, match="no Redis"):
        await consumer.leave_groups()
    await consumer.leave_groups()
    await consumer.leave_groups()

    assert left == ["user.1", "user.1"]


@pytest.mark.parametrize("gone", [OSError("broken pipe"), Disconnected("closing")], ids=["asgi", "daphne"])
async def test_a_client_that_has_gone_is_no_error(gone: Exception) -> None:
    """However the server says so; anything else is raised."""
    sent: list[object] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        for event in ("first", gone, "last"):
            await send(event)

    async def send(event: object) -> None:
        if isinstance(event, Exception):
            raise event
        sent.append(event)

    middleware = GoneClientMiddleware(application)
    await middleware({}, None, send)  # type: ignore[arg-type]
    assert sent == ["first", "last"]

    gone_wrong = GoneClientMiddleware(lambda scope, receive, send: send(ValueError("no such event")))
    with pytest.raises(ValueError, match="no such event"):
        await gone_wrong({}, None, send)  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
async def test_no_consumer_ends_because_its_client_has_gone() -> None:
    """The project's application stands in front of all of them."""
    from config.asgi import application  # not before Django has been set up

    events = iter(
        [
            {"type": "websocket.connect"},
            {"type": "websocket.receive", "text": "hello"},
            {"type": "websocket.disconnect", "code": 1006},
        ]
    )

    async def receive() -> Any:
        return next(events)

    async def send(event: Any) -> None:
        if event["type"] == "websocket.send":
            raise OSError("broken pipe")

    headers = [(b"origin", b"http://localhost")]
    scope: Any = {"type": "websocket", "path": "/ws/echo/", "query_string": b"", "headers": headers, "subprotocols": []}
    await application(scope, receive, send)

    assert [*events] == []


def taken_over(browser: Client) -> None:
    """Have another user stand behind the session of a browser."""
    other = get_user_model().objects.create_user("bob")
    session = browser.session
    session[SESSION_KEY] = str(other.pk)
    session[HASH_SESSION_KEY] = other.get_session_auth_hash()
    session.save()
