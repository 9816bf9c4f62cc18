"""Asking for a report."""

from __future__ import annotations

import functools
import json

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from realtime.text import UnfitTextError, require_fit_text
from reports.models import Report
from reports.tasks import build_report


@require_POST
def request_report(request: HttpRequest) -> JsonResponse:
    """Take ``{"text": ...}``, queue a report of it and answer 202; the outcome comes as a notification."""
    if not request.user.is_authenticated:
        return JsonResponse({"error": "sign in first"}, status=401)
    try:
        content = json.loads(request.body)
        text = require_fit_text(content["text"])
    except UnfitTextError as unfit:
        return JsonResponse({"error": str(unfit)}, status=400)
    except (ValueError, RecursionError, TypeError, KeyError):
        return JsonResponse({"error": 'the body must be a JSON object with a "text"'}, status=400)
    with transaction.atomic():
        report = Report.objects.create(user_id=request.user.pk, text=text)
        # Not before the commit: a worker may be quicker than this transaction, and would find no report.
        transaction.on_commit(functools.partial(build_report.delay, request.user.pk, text, report.pk))
    return JsonResponse({"id": report.pk, "state": report.state}, status=202)
