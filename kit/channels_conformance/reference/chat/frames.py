"""What a client may say to a room."""

from __future__ import annotations

import json

from realtime.text import UnfitTextError, require_fit_text


class BadFrameError(ValueError):
    """A frame that says nothing a room can take; the message says why."""


def read_message(frame: str | None) -> str:
    """Return the text of a frame ``{"message": "text"}``; None stands for a binary frame.

    Raises BadFrameError for anything else. A client can send anything at all, and none of it may crash the consumer.
    """
    if frame is None:
        raise BadFrameError("the frame must be text")
    try:
        content = json.loads(frame)
    except RecursionError:
        raise BadFrameError("the frame is nested too deep") from None
    except ValueError:
        raise BadFrameError("the frame must be JSON") from None
    if not isinstance(content, dict):
        raise BadFrameError("the frame must be a JSON object")
    if "message" not in content:
        raise BadFrameError('the frame must have a "message"')
    try:
        return require_fit_text(content["message"])
    except UnfitTextError as unfit:
        raise BadFrameError(str(unfit)) from None
