"""A project's own way of doing what no template can: the functions of the Python file that ``hooks`` names.

The file is imported in the judging process, once Django is set up. Each function may be ``async`` or not; one that is
not runs in a thread that may use the ORM.
"""

from __future__ import annotations

import importlib.util
import inspect
import traceback
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from channels_conformance.subject.own_thread import in_own_thread
from channels_conformance.subject.profile import ProfileError

FUNCTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "make_user": ("name",),
    "cookies": ("user",),
    "token": ("user",),
    "spoil": ("user", "kind"),
    "frame": ("endpoint", "text"),
    "set_up": ("endpoint",),
}
"""What a hooks file may hold, and the arguments that each function is given; ``set_up`` gets parameters by keyword."""

MAY_DECLINE: Final = frozenset({"spoil", "set_up", "frame"})
"""The functions that raise LookupError to say that they have nothing for this case."""


class Hooks:
    """The functions of a hooks file; none where a profile names no file."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._functions: dict[str, Callable[..., Any]] = {}
        if path is not None:
            self._functions = _functions(_imported(path), path)

    def __contains__(self, name: str) -> bool:
        return name in self._functions

    async def call(self, name: str, *arguments: Any, **parameters: Any) -> Any:
        """Call one of the functions. Raise ProfileError where it raises, LookupError where it may decline and does."""
        function = self._functions[name]
        run = function if inspect.iscoroutinefunction(function) else in_own_thread(function)
        try:
            return await run(*arguments, **parameters)
        except Exception as error:
            mistake = isinstance(error, IndexError | KeyError)  # a LookupError as well, and no answer
            if isinstance(error, LookupError) and name in MAY_DECLINE and not mistake:
                raise
            raise self._failed(name, error) from error

    async def call_for(self, kinds: tuple[type[Any], ...], name: str, *arguments: Any) -> Any:
        """Call a function that must return something of one of these kinds; raise ProfileError where it does not."""
        result = await self.call(name, *arguments)
        if not isinstance(result, kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise ProfileError(f"{self.path}: {name}() returned {result!r:.60}: let it return {wanted}.")
        return result

    def _failed(self, name: str, error: Exception) -> ProfileError:
        place = next(
            (
                frame
                for frame in reversed(traceback.extract_tb(error.__traceback__))
                if frame.filename == str(self.path)
            ),
            None,
        )
        line = f", line {place.lineno}" if place else ""
        return ProfileError(f"{self.path}{line}: {name}() raised {_told(error)}: mend it, or leave it out.")


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance_hooks", path)
    if spec is None or spec.loader is None:
        raise ProfileError(f"{path}: hooks must name a Python file, as in hooks = 'conformance_hooks.py'.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ProfileError(f"{path} cannot be imported: {_told(error)}.") from error
    return module


def _functions(module: ModuleType, path: Path) -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for name, value in vars(module).items():
        if name not in FUNCTIONS:
            own = inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
            if own and (near := get_close_matches(name, FUNCTIONS, n=1, cutoff=0.8)):
                raise ProfileError(f'{path}: nothing calls {name}(): did you mean "{near[0]}"?')
            continue
        if not callable(value):
            raise ProfileError(f"{path}: {name} must be a function, not {value!r:.60}.")
        arguments: dict[str, Any] = {"any_parameter": ""} if name == "set_up" else {}
        try:
            inspect.signature(value).bind(*FUNCTIONS[name], **arguments)
        except TypeError:
            wanted = ", ".join((*FUNCTIONS[name], *(["**parameters"] if arguments else [])))
            raise ProfileError(f"{path}: {name}{inspect.signature(value)} must take {name}({wanted}).") from None
        found[name] = value
    return found


def _told(error: Exception) -> str:
    """Return an error as one line."""
    told = " ".join(str(error).split())
    return f"{type(error).__name__}: {told}" if told else type(error).__name__
