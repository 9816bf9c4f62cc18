"""Reports in the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from reports.models import Report

if TYPE_CHECKING:
    ReportAdminBase = admin.ModelAdmin[Report]
else:
    ReportAdminBase = admin.ModelAdmin


@admin.register(Report)
class ReportAdmin(ReportAdminBase):
    """The list of reports."""

    list_display = ("id", "user", "state", "text", "created")
    list_filter = ("state",)
    list_select_related = ("user",)
