"""The HTTP paths of the project."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def health(request: HttpRequest) -> HttpResponse:
    """Answer "ok", so that a load balancer knows that this process serves requests."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("", include("chat.urls")),
    path("api/reports/", include("reports.urls")),
    path("accounts/", include("django.contrib.auth.urls")),
    path("admin/", admin.site.urls),
    path("health/", health, name="health"),
]
