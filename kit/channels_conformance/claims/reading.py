"""Strict reading of TOML: each function returns the value as its type, or says in one sentence where it is wrong."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Collection
    from importlib.resources.abc import Traversable

Language = Literal["en", "zh-Hant"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_NAMES = {"en": "English", "zh-Hant": "Traditional Chinese"}


class CatalogueError(ValueError):
    """The catalogue says something that it may not say, or lacks something that it must say."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text in every language of the catalogue."""

    en: str
    zh_hant: str

    def in_(self, language: str) -> str:
        """Return the text in ``language``, ``en`` or ``zh-Hant``; raise :class:`CatalogueError` for any other."""
        if language not in LANGUAGES:
            raise CatalogueError(f"{language!r} is no language of the catalogue; write {' or '.join(LANGUAGES)}.")
        return self.en if language == "en" else self.zh_hant


def read(entry: Traversable) -> dict[str, Any]:
    """Return what the TOML file says."""
    try:
        return tomllib.loads(entry.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{entry.name} is not valid TOML: {error}.") from error


def table(value: object, where: str, *, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Any]:
    """Return a table that has all required keys and none that is unknown."""
    if not isinstance(value, dict):
        raise CatalogueError(f"{where} must be a table.")
    known = [*required, *optional]
    for key in value:
        if key not in known:
            raise CatalogueError(f"{where} has an unknown key {key!r}{nearest(key, known)}.")
    for key in required:
        if key not in value:
            raise CatalogueError(f"{where} lacks {key!r}.")
    return value


def text(value: object, where: str) -> Text:
    """Return a text that is complete in every language."""
    if not isinstance(value, dict):
        raise CatalogueError(f"{where} must give a text in {' and '.join(_NAMES.values())}.")
    for language in LANGUAGES:
        if language not in value:
            raise CatalogueError(f"{where} lacks its {_NAMES[language]} ({language}).")
    table(value, where, required=LANGUAGES)
    return Text(*(string(value[language], f"{where}.{language}") for language in LANGUAGES))


def string(value: object, where: str) -> str:
    """Return a string that is not empty, without the white space around it."""
    if not isinstance(value, str) or not value.strip():
        raise CatalogueError(f"{where} must be a string that is not empty.")
    return value.strip()


def strings(value: object, where: str) -> tuple[str, ...]:
    """Return a list of strings, none empty."""
    return tuple(string(item, where) for item in items(value, where))


def items(value: object, where: str) -> list[Any]:
    """Return a list that is not empty."""
    if not isinstance(value, list) or not value:
        raise CatalogueError(f"{where} must be a list that is not empty.")
    return value


def word(value: object, where: str, allowed: tuple[str, ...]) -> str:
    """Return one of the allowed words."""
    if value not in allowed:
        raise CatalogueError(f"{where} is {value!r}, but must be one of {', '.join(allowed)}.")
    return str(value)


def unique(ids: list[str]) -> None:
    """Raise where an id is given twice."""
    for position, one in enumerate(ids):
        if one in ids[:position]:
            raise CatalogueError(f"The id {one!r} is given twice.")


def nearest(word: str, known: Collection[str], *, alike: float = 0.6) -> str:
    """Return a clause that suggests the known word nearest to this one; empty where none is as much ``alike``."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=alike)
    return f"; did you mean {near[0]!r}" if near else ""
