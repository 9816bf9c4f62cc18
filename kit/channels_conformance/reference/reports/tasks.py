"""The work that is too long for a request or a WebSocket handler."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Any

from celery import shared_task
from django.db import DatabaseError, transaction

from notifications.notify import notify
from reports.models import Report

CHUNK = 4096
"""How many characters are worked on at a time."""


class ReportError(Exception):
    """A text that no report can be made of."""


def summarise(text: str) -> dict[str, Any]:
    """Return the length and the SHA-256 of a text. Raises ReportError for one that begins with "fail:"."""
    if text.startswith("fail:"):
        raise ReportError("no report can be made of this text")
    digest = hashlib.sha256()
    for start in range(0, len(text), CHUNK):
        digest.update(text[start : start + CHUNK].encode())
    return {"length": len(text), "sha256": digest.hexdigest()}


def mark_failed(report_id: int | None) -> None:
    """Store that a report failed, if there is one and the database takes it; its user is told in any case."""
    if report_id is not None:
        with contextlib.suppress(DatabaseError):
            Report.objects.filter(pk=report_id).update(state=Report.State.FAILED)


@shared_task
def build_report(user_id: int, text: str, report_id: int | None = None) -> None:
    """Make a report and tell its user how it ended; without a report_id, of a new Report.

    Raises what made it fail, so that Celery knows of it as well.
    """
    try:
        if report_id is None:
            report_id = Report.objects.create(user_id=user_id, text=text).pk
        result = summarise(text)
        with transaction.atomic():
            Report.objects.filter(pk=report_id).update(state=Report.State.DONE, result=result)
    except (ReportError, DatabaseError):
        mark_failed(report_id)
        notify(user_id, {"type": "report.failed", "text": text, "result": {}})
        raise
    # The transaction is over: whoever is told can also read the result.
    notify(user_id, {"type": "report.done", "text": text, "result": result})
