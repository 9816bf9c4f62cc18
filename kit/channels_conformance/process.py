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
    last = threading.Timer(GRACE, os._exit, [code])
    last.daemon = True
    last.start()


def main() -> int:
    """Be pytest; return 1 where nobody reads any more what it tells."""
    try:
        code = int(pytest.main())
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more as it ends
        code = 1
    leave(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
