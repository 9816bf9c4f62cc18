"""What the plugin costs those whose tests it has nothing to do with."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("django", "channels", "hypothesis", "redis", "websockets")
PROGRAM = f"""
import sys
import channels_conformance.plugin
print(*sorted({{*{HEAVY!r}}} & {{*sys.modules}}))
"""


def test_a_run_that_judges_nothing_imports_nothing_of_what_judges() -> None:
    """The plugin is loaded in every pytest run of a team's environment, and is not to be noticed there."""
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)

    assert told.stdout.strip() == ""
