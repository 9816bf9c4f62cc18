"""Where the specs are, and which words of a command line name them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PACKAGE = "channels_conformance.specs"


def specs_folder() -> Path:
    """Return where the specs are: inside the installed package, or beside ``kit/`` in a clone."""
    installed = Path(__file__).parent / "specs"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "specs"


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
