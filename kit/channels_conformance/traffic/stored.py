"""What a generated spec drew, as data that JSON can hold, so that a report is enough to play it again."""

from __future__ import annotations

import base64
from typing import Any

from channels_conformance.traffic.steps import Drop, Frame, Join, Leave, Say, from_data


class NotStorable(ValueError):  # noqa: N818 -- about a value, which is in order
    """A value cannot be kept; the message names its type."""


def keep(value: object) -> Any:
    """Return a drawn value as data: texts, numbers and None as they are, the rest marked with what it is.

    Raises :class:`NotStorable` for a value of any other kind.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Join | Say | Frame | Leave | Drop):
        return {"step": value.to_data()}
    if isinstance(value, list):
        return {"list": [keep(one) for one in value]}
    if isinstance(value, tuple):
        return {"tuple": [keep(one) for one in value]}
    if isinstance(value, dict):
        return {"dict": [[keep(key), keep(one)] for key, one in value.items()]}
    raise NotStorable(f"a {type(value).__name__} cannot be kept in a report")


def restore(data: Any) -> Any:
    """Return what :func:`keep` was given; raise ``ValueError``, naming the data, where it did not write it."""
    if not isinstance(data, dict):
        return data
    match data:
        case {"bytes": str(text)}:
            return base64.b64decode(text, validate=True)
        case {"step": dict(step)}:
            return from_data(step)
        case {"list": list(items)}:
            return [restore(one) for one in items]
        case {"tuple": list(items)}:
            return tuple(restore(one) for one in items)
        case {"dict": list(items)}:
            return {restore(key): restore(one) for key, one in items}
    raise ValueError(f"no value is kept like this: {data!r}")
