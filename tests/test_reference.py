"""The reference app passes its own tests, as any project of such a kind does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent / "reference"
KIT = Path(__file__).parents[1] / "kit" / "channels_conformance"


def test_the_reference_app_passes_its_own_tests() -> None:
    """In a process of their own, where Django has the app's settings; nothing is left in the app's folder."""
    command = [sys.executable, "-m", "pytest", "-c", "pytest.ini", "-p", "no:cacheprovider", "."]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}

    done = subprocess.run(command, cwd=TESTS, env=environment, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed in " in done.stdout
    assert not (KIT / "reference" / "db.sqlite3").exists()
