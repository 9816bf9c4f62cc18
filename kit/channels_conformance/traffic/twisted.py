"""Frames made from one that is well-formed: with values of other types in it, and with names of methods.

What a client may say is known by an example only, so each is the example with one thing changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

MARK = "~twisted~"
"""A text to ask for the example with, which is then found in it."""

TYPES: Mapping[str, str] = {
    "null": "None",
    "true": "True",
    "false": "False",
    f'["{MARK}", null]': f"['{MARK}', None]",
    f'{{"{MARK}": true}}': f"{{'{MARK}': True}}",
}
"""Values of JSON, and what each is called in Python alone."""

SELECTORS = ("type", "action", "command", "event", "method", "kind")
"""The keys by which frames commonly say what is to be done."""


def of_other_types(example: str | bytes) -> dict[str, str]:
    """Return frames in which another value stands where :data:`MARK` does, each with what Python calls that value."""
    frame = example.decode() if isinstance(example, bytes) else example
    quoted = json.dumps(MARK)
    return {
        frame.replace(quoted, value).replace(MARK, value) if quoted not in frame else frame.replace(quoted, value): word
        for value, word in TYPES.items()
    }


def naming(example: str | bytes, *names: str) -> Iterator[str]:
    """Yield frames in which a name stands where a client says what is to be done."""
    try:
        content = json.loads(example)
    except ValueError:
        content = None
    known = content if isinstance(content, dict) else {"message": MARK, "text": MARK}
    selecting = [key for key, value in known.items() if isinstance(value, str) and MARK not in value]
    for name in names:
        for key in dict.fromkeys((*selecting, *SELECTORS)):
            yield json.dumps({**known, key: name})
