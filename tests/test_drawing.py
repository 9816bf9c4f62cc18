import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from hypothesis import settings
from hypothesis.internal.conjecture import providers
from channels_conformance import drawing, session
for _ in range(2):
    drawing.prepare(examples=int(sys.argv[1]), shrinking=0, replaying=False)
print(settings().max_examples, [getattr(providers, drawing.LOCAL)(path) for path in (session.__file__, sys.argv[2])])
"""


def drawn(examples: int, module: Path) -> str:
    """Return how many streams a process plays, and whose constants it draws: ours, and those of a module."""
    module.write_text("COMMAND = '/quit'\n")
    command = [sys.executable, "-c", PROGRAM, str(examples), str(module)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_constants_are_drawn_of_the_project_and_not_of_the_kit(tmp_path: Path) -> None:
    """In a clone the kit's own modules are local too, and its constants say nothing of the project that is judged."""
    assert drawn(7, tmp_path / "consumers.py") == "7 [False, True]"


def test_a_few_streams_are_played_where_no_number_is_asked_for(tmp_path: Path) -> None:
    """Zero stands for as many as are usual."""
    assert drawn(0, tmp_path / "consumers.py").startswith("4 ")
