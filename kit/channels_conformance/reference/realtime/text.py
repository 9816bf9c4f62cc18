"""Which text can be stored, sent through Redis and delivered."""

from __future__ import annotations

# A character outside the Basic Multilingual Plane takes 12 bytes as JSON escapes, so the longest text is 768 KiB on the
# wire. Daphne sends and receives frames of at most 1 MiB.
MAX_LENGTH = 64 * 1024


class UnfitTextError(ValueError):
    """A text that cannot be taken; the message says why."""


def require_fit_text(value: object) -> str:
    """Return the value, a text that every backend can hold.

    Raises UnfitTextError if it is not a string, is blank or too long, or holds a NUL (refused by PostgreSQL) or half
    of a surrogate pair (which no UTF-8 encoder takes: not the database's, nor the one for Redis).
    """
    if not isinstance(value, str):
        raise UnfitTextError("the text must be a string")
    if not value.strip():
        raise UnfitTextError("the text is empty")
    if len(value) > MAX_LENGTH:
        raise UnfitTextError(f"the text is longer than {MAX_LENGTH} characters")
    if "\0" in value:
        raise UnfitTextError("the text holds a NUL character")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise UnfitTextError("the text holds half of a surrogate pair")
    return value
