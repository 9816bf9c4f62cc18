"""The names of rooms: which are routed, and which group a room has."""

from __future__ import annotations

import hashlib
import unicodedata

from django.urls import register_converter

MAX_LENGTH = 64

# Control characters and halves of surrogate pairs. Marks and joiners stay: many languages are not written without them,
# which is why \w would not do.
UNFIT_CATEGORIES = {"Cc", "Cs"}


class RoomConverter:
    """The path converter ``<room:...>``: a name in any language, of 1 to 64 characters, without a slash."""

    regex = rf"[^/]{{1,{MAX_LENGTH}}}"

    def to_python(self, value: str) -> str:
        """Return the name; ValueError means that the path has no such route."""
        if any(unicodedata.category(character) in UNFIT_CATEGORIES for character in value):
            raise ValueError("the name of the room holds a control character")
        return value

    def to_url(self, value: str) -> str:
        """Return the name as it stands in a path; ValueError means that there is no such path."""
        return self.to_python(value)


register_converter(RoomConverter, "room")


def group_of(room: str) -> str:
    """Return the name of a room's group.

    Group names are limited to 99 characters of ASCII letters, digits, hyphens, underscores and full stops. A hash fits
    whatever the room is called, and no two rooms share one.
    """
    return "chat." + hashlib.sha256(room.encode()).hexdigest()
