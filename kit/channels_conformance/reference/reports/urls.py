"""The HTTP paths of reports."""

from __future__ import annotations

from django.urls import path

from reports import views

urlpatterns = [
    path("", views.request_report, name="reports"),
]
