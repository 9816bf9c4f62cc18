"""What a document says to its editors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.test import Client

from documents.consumers import DocumentConsumer
from documents.models import Document
from tests.reference.conftest import Visit


@pytest.fixture
def path() -> str:
    """Give the path of a document that nobody has edited."""
    return f"/ws/documents/{uuid4()}/"


async def test_an_edit_of_the_latest_revision_is_taken_and_told_to_all(
    visit: Visit, browser: Client, path: str
) -> None:
    """Who comes is told what the document is by now."""
    one, two = await visit(path, browser=browser), await visit(path, browser=browser)
    assert await one.hears() == await two.hears() == {"type": "document", "revision": 0, "text": ""}

    await one.say({"id": "e1", "revision": 0, "text": "once"})

    told = {"type": "edited", "id": "e1", "revision": 1, "text": "once"}
    assert await one.hears() == await two.hears() == told
    assert await (await visit(path, browser=browser)).hears() == {"type": "document", "revision": 1, "text": "once"}


async def test_a_stale_edit_is_told_to_its_author_alone(visit: Visit, browser: Client, path: str) -> None:
    """With the latest text, from which it can be made anew."""
    one, two = await visit(path, browser=browser), await visit(path, browser=browser)
    await one.say({"id": "e1", "revision": 0, "text": "once"})
    assert [(await two.hears())["type"] for _ in range(2)] == ["document", "edited"]

    await two.say({"id": "e2", "revision": 0, "text": "twice"})

    assert await two.hears() == {"type": "stale", "id": "e2", "revision": 1, "text": "once"}
    assert [(await one.hears())["type"] for _ in range(2)] == ["document", "edited"]
    assert await one.leaves() == []


async def test_what_is_no_edit_is_told_why(visit: Visit, browser: Client, path: str) -> None:
    """And costs nothing."""
    one = await visit(path, browser=browser)
    await one.hears()

    await one.say([])
    assert await one.hears() == {"type": "error", "error": "the frame must be a JSON object"}

    await one.say({"id": "e1", "revision": 0, "text": "once"})
    assert (await one.hears())["revision"] == 1


async def test_an_edit_that_could_not_be_stored_is_told_by_its_name(
    visit: Visit, browser: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody hears of it, and another may be made in its place."""
    one = await visit(path, browser=browser)
    await one.hears()
    with monkeypatch.context() as broken:
        broken.setattr("documents.consumers.replace", fails)
        await one.say({"id": "e1", "revision": 0, "text": "once"})
        assert await one.hears() == {"type": "error", "id": "e1", "error": "the edit could not be stored"}

    await one.say({"id": "e2", "revision": 0, "text": "once"})
    assert await one.hears() == {"type": "edited", "id": "e2", "revision": 1, "text": "once"}


async def test_a_document_that_cannot_be_read_lets_nobody_in(
    visit: Visit, browser: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handshake is refused, and nothing raises."""

    async def unreadable(self: DocumentConsumer) -> dict[str, Any]:
        raise DatabaseError("disk full")

    monkeypatch.setattr(DocumentConsumer, "latest", unreadable)

    one = await visit(path, browser=browser)

    assert not one.accepted
    assert await one.leaves() == []


async def test_who_has_signed_out_edits_nothing(
    visit: Visit, browser: Client, path: str, signs_out: Callable[[], Awaitable[None]]
) -> None:
    """The socket is closed with a code of the app's own."""
    one = await visit(path, browser=browser)
    await one.hears()
    await signs_out()

    await one.say({"id": "e1", "revision": 0, "text": "once"})
    await one.say({"id": "e2", "revision": 0, "text": "too late"})

    assert await one.is_closed() == 4401
    assert await one.leaves() == []
    assert (await Document.objects.aget()).revision == 0


async def test_nobody_else_gets_in(visit: Visit, path: str) -> None:
    """A stranger is refused, and no document is made."""
    one = await visit(path)

    assert not one.accepted
    assert await one.leaves() == []
    assert await Document.objects.acount() == 0


def fails(*of: object, **values: object) -> bool:
    """Fail as a database does."""
    raise DatabaseError("disk full")
