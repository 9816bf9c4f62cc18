"""What a client may ask of a document."""

from __future__ import annotations

import json
from dataclasses import dataclass

from realtime.text import UnfitTextError, require_fit_text

MAX_REVISION = 2**31 - 1  # what the column holds on every database
MAX_ID = 64


class BadEditError(ValueError):
    """A frame that is no edit; the message says why."""


@dataclass(frozen=True)
class Edit:
    """A text that is to take the place of a revision; ``id`` is the client's own name for the attempt."""

    id: str
    revision: int
    text: str


def read_edit(frame: str | None) -> Edit:
    """Return the edit of a frame ``{"id": "...", "revision": 3, "text": "..."}``; None stands for a binary frame.

    Raises BadEditError for anything else.
    """
    try:
        content = json.loads(frame or "")
    except (ValueError, RecursionError):
        raise BadEditError("the frame must be JSON") from None
    if not isinstance(content, dict):
        raise BadEditError("the frame must be a JSON object")
    revision = content.get("revision")
    if type(revision) is not int or not 0 <= revision <= MAX_REVISION:  # not isinstance: True is an int
        raise BadEditError('the frame must have the "revision" that it edits')
    try:
        edit = Edit(id=require_fit_text(content.get("id")), revision=revision, text=require_fit_text(content["text"]))
    except KeyError:
        raise BadEditError('the frame must have a "text"') from None
    except UnfitTextError as unfit:
        raise BadEditError(str(unfit)) from None
    if len(edit.id) > MAX_ID:
        raise BadEditError(f"the id is longer than {MAX_ID} characters")
    return edit
