"""A session begins with the subject's import, in a process of its own, and imports what judges while that runs."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from channels_conformance import exercises
from channels_conformance.services.guard import guarded_folder
from channels_conformance.services.processes import python_env
from channels_conformance.subject.discovery import profile_of
from channels_conformance.subject.importing import Import

HEAVY = {"channels", "django", "hypothesis", "redis", "websockets", "channels_conformance.session"}


@pytest.mark.parametrize("imported", [False, True])
def test_what_was_seen_to_import_is_not_imported_again(imported: bool) -> None:  # noqa: FBT001 -- a parameter
    """A project with a profile is imported in a process of its own, unless another process of the run has done so."""
    with ExitStack() as stack:
        folder, guard = guarded_folder(stack.callback)

        importing = Import.begin(exercises.REFERENCE, folder=folder, guard=guard, imported=imported)

        assert (importing.process is None) == imported
        assert profile_of(importing).settings == "config.settings"


def test_the_folder_of_a_run_ends_with_its_guard() -> None:
    """Whatever ends a run while its subject is imported, the folder of the exchange does not stay."""
    with ExitStack() as stack:
        folder, guard = guarded_folder(stack.callback)
        Import.begin(exercises.REFERENCE, folder=folder, guard=guard)
        assert folder.is_dir()

    assert not folder.exists()


def test_nothing_heavy_is_imported_before_the_subject_is(tmp_path: Path) -> None:
    """What begins a session leaves Django, Hypothesis and what judges for later: meanwhile the subject is imported."""
    asked = "import json, sys; import channels_conformance.beginning; print(json.dumps([*sys.modules]))"

    told = subprocess.run(
        [sys.executable, "-c", asked], env=python_env(), cwd=tmp_path, check=True, capture_output=True, text=True
    )

    assert not HEAVY & {*json.loads(told.stdout)}
