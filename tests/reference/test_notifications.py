"""What a user is told of a report, and how it is made."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError
from django.test import Client

from notifications.notify import group_of, notify
from reports.models import Report
from reports.tasks import ReportError, build_report, mark_failed
from tests.reference.conftest import Visit

SOCKET = "/ws/notifications/"
TEXT = "é" * 5000
RESULT = {"length": 5000, "sha256": hashlib.sha256(TEXT.encode()).hexdigest()}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, dict[str, Any]]]:
    """Give the list of what tasks tell users, who hear nothing."""
    events: list[tuple[int, dict[str, Any]]] = []
    monkeypatch.setattr("reports.tasks.notify", lambda user_id, event: events.append((user_id, event)))
    return events


@pytest.mark.parametrize("state", ["done", "failed"])
async def test_a_user_is_told_how_a_report_ended(visit: Visit, alice: Any, browser: Client, state: str) -> None:
    """On the socket, word by word."""
    one = await visit(SOCKET, browser=browser)

    await sync_to_async(notify)(alice.pk, {"type": f"report.{state}", "text": "a", "result": {"length": 1}})

    assert await one.hears() == {
        "type": "notification",
        "event": "report",
        "state": state,
        "text": "a",
        "result": {"length": 1},
    }


async def test_the_socket_takes_no_messages(visit: Visit, browser: Client) -> None:
    """It says so, each time."""
    one = await visit(SOCKET, browser=browser)

    for _ in range(2):
        await one.say("anything")
        assert await one.hears() == {"type": "error", "error": "this socket takes no messages"}


async def test_nobody_else_gets_in(visit: Visit) -> None:
    """A stranger is refused."""
    one = await visit(SOCKET)

    assert not one.accepted
    assert await one.leaves() == []


def test_each_user_has_a_group() -> None:
    """Named by the key, for names may change."""
    assert group_of(7) == "user.7"


def test_a_report_is_stored_and_then_told(alice: Any, told: list[tuple[int, dict[str, Any]]]) -> None:
    """Of the row that was named."""
    report = Report.objects.create(user=alice, text=TEXT)

    build_report(alice.pk, TEXT, report.pk)

    report.refresh_from_db()
    assert (report.state, report.result) == ("done", RESULT)
    assert Report.objects.count() == 1
    assert told == [(alice.pk, {"type": "report.done", "text": TEXT, "result": RESULT})]


def test_a_report_without_a_row_makes_one(alice: Any, told: list[tuple[int, dict[str, Any]]]) -> None:
    """Of the user and the text."""
    build_report(alice.pk, TEXT)

    report = Report.objects.get()
    assert (report.user, report.text, report.state, report.result) == (alice, TEXT, "done", RESULT)
    assert [event["type"] for _, event in told] == ["report.done"]


def test_a_report_that_cannot_be_made_fails_and_is_told(alice: Any, told: list[tuple[int, dict[str, Any]]]) -> None:
    """And Celery knows of it."""
    with pytest.raises(ReportError):
        build_report(alice.pk, "fail: on purpose")

    assert Report.objects.get().state == "failed"
    assert told == [(alice.pk, {"type": "report.failed", "text": "fail: on purpose", "result": {}})]


def test_a_database_that_fails_twice_keeps_no_user_waiting(
    alice: Any, told: list[tuple[int, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure could not be stored either, and is told all the same."""
    report = Report.objects.create(user=alice, text=TEXT)

    def fails(**values: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(Report.objects, "filter", fails)

    with pytest.raises(DatabaseError):
        build_report(alice.pk, TEXT, report.pk)
    assert [event["type"] for _, event in told] == ["report.failed"]


def test_no_row_is_marked_where_there_is_none(alice: Any) -> None:
    """The others are left as they are."""
    Report.objects.create(user=alice, text=TEXT)

    mark_failed(None)

    assert Report.objects.get().state == "pending"
