"""Where a project keeps what a server needs: its root, its settings module, its ASGI application.

Files are read, not imported: what ``manage.py``, ``asgi.py`` or pytest's configuration say is enough.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from channels_conformance.subject.profile import ProfileError
from channels_conformance.subject.reading import FILE

VARIABLE = "DJANGO_SETTINGS_MODULE"
_SKIPPED = {"node_modules", "site-packages", "__pycache__", "venv", "env", "build", "dist", "tests"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A Django project, as far as its files tell."""

    root: Path  # the folder that a server would be started in
    settings: str


def find_project(folder: Path) -> Project:
    """Find the project in ``folder``, or in the one folder below that holds a ``manage.py``.

    Raises :class:`ProfileError` with one sentence where there is none, or more than one.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise ProfileError(f"{folder} is no folder: name the one that holds manage.py.")
    root = _root(folder)
    named = os.environ.get(VARIABLE, "")
    if named and not named.startswith("channels_conformance.") and _exists(named, root):
        return Project(root=root, settings=named)
    told = {file: settings for file in _tellers(root) if (settings := _settings_named_in(file))}
    for settings in told.values():
        if _exists(settings, root):
            return Project(root=root, settings=settings)
    for file, settings in told.items():
        raise ProfileError(
            f"{file} names the settings {settings}, and there is no such module in {root}: name one that is there, or "
            f'write settings = "package.settings" into {FILE}.'
        )
    raise ProfileError(
        f"{root}: neither manage.py nor asgi.py says which settings the project has: set {VARIABLE}, "
        f'or write settings = "package.settings" into {FILE}.'
    )


def _root(folder: Path) -> Path:
    if (folder / "manage.py").is_file():
        return folder
    below = [path for path in sorted(folder.iterdir()) if path.name not in _SKIPPED and path.name[0] != "."]
    found = [path for path in below if (path / "manage.py").is_file()]
    if len(found) == 1:
        return found[0]
    if found:
        raise ProfileError(
            f"{folder} holds several projects ({', '.join(path.name for path in found)}): name one with --subject."
        )
    if any(_asgi_files(folder)):
        return folder
    raise ProfileError(
        f"{folder} holds no manage.py, nor an asgi.py one folder below: start from the folder of a Django project, or "
        "name it with --subject."
    )


def _tellers(root: Path) -> Iterator[Path]:
    """Yield the files that may name the settings: what serves the project first."""
    yield root / "manage.py"
    yield from _asgi_files(root)


def _asgi_files(root: Path) -> Iterator[Path]:
    yield from (path for path in [root / "asgi.py", *sorted(root.glob("*/asgi.py"))] if path.is_file())


def _settings_named_in(file: Path) -> str:
    """Return the settings module that a file puts into the environment, or nothing."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ""
    for node in ast.walk(tree):
        match node:
            case ast.Call(args=[ast.Constant(value=name), value]) if name == VARIABLE:
                pass
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=name))], value=value) if name == VARIABLE:
                pass
            case _:
                continue
        texts = [one.value for one in ast.walk(value) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        for text in texts:  # os.environ.get("OTHER", "package.settings"): the default is the last of them
            if "." in text or _exists(text, file.parent):
                return text
    return ""


def _exists(module: str, root: Path) -> bool:
    path = root.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
