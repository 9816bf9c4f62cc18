"""Templates of a profile: texts with placeholders in braces, and what stands for them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_PLACEHOLDER = re.compile(r"{([^\W\d]\w*)}")


def names_in(*templates: str) -> list[str]:
    """Return the names in braces, each once, in order."""
    return list(dict.fromkeys(name for template in templates for name in _PLACEHOLDER.findall(template)))


def filled_text(template: str, values: Mapping[str, Any]) -> str:
    """Return a text with its placeholders replaced, in one pass: what is put in is not filled again."""
    return _PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), template)


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """Replace placeholders in every string of a JSON-like template; one that is the whole string keeps its type."""
    match template:
        case str():
            whole = _PLACEHOLDER.fullmatch(template)
            return values[whole[1]] if whole and whole[1] in values else filled_text(template, values)
        case list():
            return [filled(item, values) for item in template]
        case dict():
            return {str(filled(key, values)): filled(item, values) for key, item in template.items()}
        case _:
            return template


def filled_frame(template: str, values: Mapping[str, Any]) -> str:
    """Return a frame; a template that is JSON is filled inside its strings, so that any text stays valid JSON."""
    try:
        parsed = json.loads(template)
    except ValueError:
        return filled_text(template, values)
    return json.dumps(filled(parsed, values), ensure_ascii=False)


def holds(payload: str | bytes, word: str) -> bool:
    """Return whether a frame holds a word, as it stands or as JSON escapes it."""
    raw = payload if isinstance(payload, str) else payload.decode("utf-8", "replace")
    return word in raw or json.dumps(word)[1:-1] in raw
