"""What differs in the settings from one way to start a project to another."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from channels_conformance.subject.starting.change import Change
from channels_conformance.subject.starting.ways import WAYS

STATIC = "django.contrib.staticfiles"


@pytest.mark.parametrize(
    ("daphne", "installed", "made"),
    [
        ("just before staticfiles", ["daphne", "shop", STATIC], ["shop", "daphne", STATIC]),
        ("last", ["daphne", "shop", STATIC], ["shop", STATIC, "daphne"]),
        ("out", ["daphne", "shop", STATIC], ["shop", STATIC]),
        ("last", ["daphne.apps.DaphneConfig", STATIC, "channels"], [STATIC, "daphne"]),
        ("last", ["shop", STATIC], ["shop", STATIC]),
    ],
)
def test_the_app_daphne_is_put_where_the_way_wants_it(
    daphne: Literal["just before staticfiles", "last", "out"], installed: list[str], made: list[str]
) -> None:
    """It is moved and never added, and the app channels is left out."""
    assert Change(daphne=daphne).made({"INSTALLED_APPS": installed}) == {"INSTALLED_APPS": made}


def test_settings_are_left_out_by_name() -> None:
    """What is no setting is left out as well."""
    settings: dict[str, Any] = {"INSTALLED_APPS": [], "ASGI_APPLICATION": "shop.asgi.application", "os": None}

    made = Change(daphne="out", without=("ASGI_APPLICATION",)).made(settings)

    assert made == {"INSTALLED_APPS": []}
    assert "ASGI_APPLICATION" in settings


def test_the_ways_differ_from_each_other() -> None:
    """No two of them are the same under two names."""
    assert len({str(way) for way in WAYS.values()}) == len(WAYS)
