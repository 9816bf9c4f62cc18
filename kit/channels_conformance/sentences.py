"""How the shell face ends where something of the user's is wrong: in one sentence, and with one exit code."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click


class Wrong(click.ClickException):
    """What a verb was given cannot be used; the message says which, why, and what to write instead."""

    exit_code = 4


@contextlib.contextmanager
def sentences(*errors: type[Exception]) -> Iterator[None]:
    """Have these errors end in their sentence, and not in a traceback."""
    try:
        yield
    except errors as error:
        raise Wrong(str(error)) from None
