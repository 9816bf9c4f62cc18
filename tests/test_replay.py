"""How a failure is played again: on which project, and served as it was."""

from __future__ import annotations

import shlex

import pytest

from channels_conformance.replay import how

RUN = "channels-conformance run --subject"
SERVED = "--server daphne --server uvicorn --workers 4"


@pytest.mark.parametrize(
    ("repeats", "subject", "root", "told"),
    [
        ([f"{RUN} . --claim a/b --examples 8"], "", "/srv/app", "/srv/app"),
        ([f"{RUN} '/srv/an app' --claim a/b"], "/home/app", "/srv/an app", "/home/app"),
        ([f"{RUN} . --claim a/b {SERVED}"], "", ".", f". {SERVED}"),
        ([f"{RUN} . --layer x.Y", f"{RUN} . --layer x.Z"], "", ".", ". --layer x.Y --layer x.Z"),
        ([f"{RUN} reference --claim a/b"], "", ".", "reference"),
        ([f"{RUN} reference --fault cuts_long_texts"], "", ".", "reference --fault cuts_long_texts"),
        ([f"{RUN} reference --fault cuts_long_texts"], "mended", ".", "mended"),
    ],
)
def test_the_options_of_a_replay(repeats: list[str], subject: str, root: str, told: str) -> None:
    """Whoever served it serves it again, all of them; a project that is named is judged as it is."""
    assert how(repeats, subject=subject, root=root) == shlex.split(f"--subject {told}")
