"""The HTTP paths of the smallest project."""

from __future__ import annotations

from django.urls import path

from bare import views

urlpatterns = [
    path("", views.hello),
    path("feeds/<str:name>/", views.feed),
    path("threaded/feeds/<str:name>/", views.threaded_feed),
]
