"""The process that judges: pytest, and an end that no thread of the subject's can keep from coming.

Python waits for its threads before it ends. A handler that never returns runs in one here, when it is played in this
process; whatever was started has been ended by then, and all has been told.
"""

from __future__ import annotations

import os
import sys
import threading

import pytest

GRACE = 5.0
"""Seconds that threads have to end once everything else has."""


def leave(code: int) -> None:
    """End this process soon, whatever its threads do."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    last = threading.Timer(GRACE, os._exit, [code])
    last.daemon = True
    last.start()


def main() -> int:
    """Be pytest."""
    code = int(pytest.console_main())
    leave(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
