"""How specs are shared out among the processes of pytest-xdist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Keep the specs of a file in one process, where ``-n`` alone would scatter them: what they share is started once.

    Another way can be asked for by its name, with ``--dist``.
    """
    return LoadFileScheduling(config, log) if config.getoption("dist") == "load" else None
