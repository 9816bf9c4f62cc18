"""What a room says to its clients."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from chat.models import Message
from tests.reference.conftest import Visit

ROOM = "/ws/chat/lobby/"


async def test_a_message_is_told_with_who_said_it_and_where(visit: Visit, alice: Any, browser: Client) -> None:
    """And under the key of the row that holds it."""
    one = await visit(ROOM, browser=browser)

    await one.say({"message": "hello"})

    heard = await one.hears()
    message = await Message.objects.aget()
    assert (message.room, message.author_id, message.text) == ("lobby", alice.pk, "hello")
    assert heard == {"type": "message", "id": message.pk, "room": "lobby", "user": "alice", "message": "hello"}


async def test_a_bad_frame_is_told_why_and_costs_nothing(visit: Visit, browser: Client) -> None:
    """To whoever sent it."""
    one = await visit(ROOM, browser=browser)

    await one.say({"text": "hello"})
    assert await one.hears() == {"type": "error", "error": 'the frame must have a "message"'}
    await one.socket.send_to(bytes_data=b"hello")
    assert await one.hears() == {"type": "error", "error": "the frame must be text"}

    await one.say({"message": "hello"})
    assert (await one.hears())["message"] == "hello"


async def test_a_message_that_could_not_be_stored_is_told_to_its_author(
    visit: Visit, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the room goes on."""
    one = await visit(ROOM, browser=browser)
    with monkeypatch.context() as broken:
        broken.setattr(Message.objects, "create", fails)
        await one.say({"message": "hello"})
        assert await one.hears() == {"type": "error", "error": "the message could not be stored"}

    await one.say({"message": "hello again"})
    assert (await one.hears())["message"] == "hello again"


async def test_who_has_signed_out_is_closed_at_its_next_message(
    visit: Visit, browser: Client, signs_out: Callable[[], Awaitable[None]]
) -> None:
    """With a code of the app's own, and nothing is stored, of what comes later neither."""
    one = await visit(ROOM, browser=browser)
    await signs_out()

    await one.say({"message": "hello"})
    await one.say({"message": "too late"})

    assert await one.is_closed() == 4401
    assert await one.leaves() == []
    assert await Message.objects.acount() == 0


async def test_nobody_else_gets_in(visit: Visit) -> None:
    """A stranger is refused."""
    one = await visit(ROOM)

    assert not one.accepted
    assert await one.leaves() == []


def fails(**values: object) -> None:
    """Fail as a database does."""
    raise DatabaseError("disk full")
