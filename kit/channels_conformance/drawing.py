"""How Hypothesis draws for specs: how many streams, the same ones each time, and nothing kept of them."""

from __future__ import annotations

from pathlib import Path

import hypothesis
from hypothesis.internal.conjecture import engine, providers

from channels_conformance.names import EXAMPLES
from channels_conformance.specfiles import specs_folder

LOCAL = "is_local_module_file"
"""The name of the function by which Hypothesis tells modules whose constants it draws; not all versions have it."""

OURS = (Path(__file__).parent, specs_folder())
"""Whose constants are no hint of what a project may stumble on: in a clone, Hypothesis takes them for the project's."""


def prepare(*, examples: int, shrinking: float, replaying: bool) -> None:
    """Have every spec play ``examples`` streams, as many as are usual where that is 0; none is drawn to be replayed.

    Where one breaks the claim, a smaller one is looked for ``shrinking`` seconds.
    """
    hypothesis.settings.register_profile(
        "channels-conformance",
        max_examples=1 if replaying else examples or EXAMPLES,
        deadline=None,
        database=None,  # nothing is written into the folder that a run is started from
        derandomize=True,  # the same verdict every time; --hypothesis-seed explores
        report_multiple_bugs=False,
        phases=[hypothesis.Phase.generate]
        if replaying
        else [hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=list(hypothesis.HealthCheck),
        print_blob=False,
    )
    hypothesis.settings.load_profile("channels-conformance")
    # Hypothesis would look for a smaller stream for five minutes, and has no setting for it; nor has it one for whose
    # constants it draws.
    engine.MAX_SHRINKING_SECONDS = shrinking  # type: ignore[assignment]
    _leave_out_ours()


def _leave_out_ours() -> None:
    is_local = getattr(providers, LOCAL, None)
    if is_local is None or is_local.__module__ == __name__:
        return

    def is_project(path: str) -> bool:
        return not any(Path(path).is_relative_to(ours) for ours in OURS) and bool(is_local(path))

    setattr(providers, LOCAL, is_project)
