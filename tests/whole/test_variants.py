"""Apps that are right, and differ from the reference app in whatever a spec might wrongly rely on, are not accused.

Here the variants are played that differ most, by the chapters that are about them; ``nox -s variants`` plays all of
them, and the projects of ``tests/plugged``, by every chapter.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from channels_conformance.services.redis import Redis
from tests.play import Run as Played
from tests.variants import apps
from tests.variants.accusations import wrong
from tests.whole.conftest import Run

CHAPTERS = ("lifecycle", "fanout", "auth", "orm", "celery")

MOST = (
    "consumers_that_are_synchronous",
    "consumers_without_a_generic_base",
    "groups_declared_on_the_class",
    "messages_in_batches",
)
"""The variants that change the most."""

ENOUGH = 66
"""Claims of these chapters that hold for each of them; 69 do for most."""


@pytest.mark.parametrize("name", MOST)
def test_a_variant_that_is_right_is_not_accused(name: str, run: Run, redis: Redis, tmp_path: Path) -> None:
    """No claim is violated, none is unproven, and enough of them hold."""
    (variant,) = (app for app in apps() if app.name == name)
    root = variant.put(tmp_path)
    chapters = [word for chapter in CHAPTERS for word in ("--chapter", chapter)]

    result = run("--subject", str(root), "--redis-url", redis.url, "--examples", "3", *chapters)

    played = Played(code=result.code, verdicts=result.verdicts(), output=result.output, seconds=0)
    assert wrong(played, enough=ENOUGH) == [], result.output
