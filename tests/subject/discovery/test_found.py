"""A project is imported once for a run, whatever number of processes judge it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from channels_conformance import exercises
from channels_conformance.subject.discovery import found, profile_of


@pytest.mark.parametrize(("imported", "asked"), [(False, 1), (True, 0)])
def test_what_was_seen_to_import_is_not_imported_again(
    imported: bool,  # noqa: FBT001 -- a parameter of the test
    asked: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A project with a profile is imported in a process of its own, unless another process of the run has done so."""
    calls: list[Any] = []
    monkeypatch.setattr(found, "_asked", lambda *arguments: calls.append(arguments))

    profile = profile_of(exercises.REFERENCE, folder=tmp_path, imported=imported)

    assert profile.settings == "config.settings"
    assert len(calls) == asked
