"""How specs are shared out among processes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from xdist.scheduler import LoadFileScheduling

from channels_conformance.sharing import pytest_xdist_make_scheduler


def scheduler(dist: str) -> Any:
    """Return what shares out specs between two processes in one of pytest-xdist's ways."""
    told = {"dist": dist, "tx": ["2*popen"], "maxprocesses": None}
    config: Any = SimpleNamespace(getoption=told.get, getvalue=told.get, option=SimpleNamespace(**told))
    return pytest_xdist_make_scheduler(config, cast("Any", None))


def test_the_specs_of_a_file_stay_together() -> None:
    """What they share is started once, whoever types no more than -n 2."""
    assert isinstance(scheduler("load"), LoadFileScheduling)


@pytest.mark.parametrize("dist", ["worksteal", "loadscope", "each"])
def test_another_way_is_left_to_xdist(dist: str) -> None:
    """Whoever names a way gets that one."""
    assert scheduler(dist) is None
