"""The end of a process that is not a child of the test's."""

from __future__ import annotations

import os
import select

import pytest

ENDS_SHOW = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="the end of a process that is not a child shows on Linux only"
)


def gone(pid: int, seconds: float) -> bool:
    """Wait until a process has ended; return whether it did in time."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)
