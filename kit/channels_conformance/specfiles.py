"""Where the specs are, which words of a command line name them, and the command that judges by them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PACKAGE = "channels_conformance.specs"
CONFIGURATION = Path(__file__).with_name("specs.ini")
PROCESS = Path(__file__).with_name("process.py")  # run by its path: pytest warns of a plugin that is imported before it


def specs_folder() -> Path:
    """Return where the specs are: inside the installed package, or beside ``kit/`` in a clone."""
    installed = Path(__file__).parent / "specs"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "specs"


def command(words: Iterable[str]) -> list[str]:
    """Return the command that judges by our specs: a pytest with ``words``, its options and ours."""
    # The project's own pytest configuration is for its own tests. Nothing is written into its folder.
    return [
        *(sys.executable, "-P", str(PROCESS), "-c", str(CONFIGURATION), "-p", "no:cacheprovider"),
        *("--rootdir", str(specs_folder().parent)),
        *words,
        str(specs_folder()),
    ]


def as_path(arg: str) -> str:
    """Return an argument of pytest's with our specs named by their path, where it names them as a package."""
    name, colons, test = arg.partition("::")
    if name != PACKAGE and not name.startswith(f"{PACKAGE}."):
        return arg
    module = name.removeprefix(PACKAGE).removeprefix(".")
    return f"{specs_folder() / f'{module}.py' if module else specs_folder()}{colons}{test}"


def asks_for_specs(args: Sequence[str], config: pytest.Config) -> bool:
    """Return whether a command line names our specs."""
    return any(
        is_ours(config.invocation_params.dir / arg.partition("::")[0]) for arg in args if not arg.startswith("-")
    )


def is_ours(path: Path) -> bool:
    """Return whether a path is our specs', or one of them."""
    return path.resolve().is_relative_to(specs_folder().resolve())
