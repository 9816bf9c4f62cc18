"""Hypothesis strategies for values: what is said, what is sent, where, and how it ends.

The values are the ones that break apps: scripts of all planes, text that looks like JSON, empty frames, room names
that differ in one letter.
"""

from __future__ import annotations

import json
import string
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from channels_conformance.traffic import characters
from channels_conformance.traffic.steps import shown

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

LARGE_FRAME = 64 * 1024
"""Bytes of a large frame: above 65535 the length field of a WebSocket frame takes its longest form (RFC 6455 5.2)."""

MAX_AUDIENCE = 64
"""Characters of the longest room name."""

_ASCII_NAME = string.ascii_lowercase + string.ascii_uppercase + string.digits + "-"

_TELLING_TEXTS = (
    "null",
    "{}",
    "[]",
    '"',
    '{"message": "hi"}',
    '{"type": "chat.message"}',
    "\\",
    "\\n",
    "\\u0041",
    "%s",
    "%00",
    "&amp;",
    "<b>hi</b>",
    "<script>alert(1)</script>",
    " ",
    " hi ",
    "\t",
    "\n",
    "a\r\nb",
    "\u2028",  # a line's end in JavaScript, but not in JSON
    "\ufeffhi",
    "שלום",
    "\u202eabc",
    "مرحبا hi",
    "你好",
    "e\u0301",  # two code points that a normalizing app makes one
    "ﬃ",
    "İ",
    "👩‍👩‍👧‍👦",
    "𝔘𐍈",
)

_BAD_JSON = ("{", "}", "[1,", '{"message"', "'a'", '"', "nul", "{'message': 'hi'}", '{"a": 1,}', "\ufeff{}", "1 2")

_AWKWARD_NAMES = (
    "大廳",
    "café",
    "a" * 95,
    "a" * 200,
    "部" * 200,
    "a@b",
    "a:b",
    "a b",
    " ",
    "a\n",
    "lobby!x",
    "50%",
    "%2F",
    "a?b#c",
    "..",
    "<b>",
    "١٢",
    "👩‍👩‍👧‍👦",
)

_TELLING_KEYS = ("message", "type", "text", "content", "room", "user", "action")

_TELLING_TYPES = (
    "chat.message",
    "chat_message",
    "websocket.connect",
    "websocket.disconnect",
    "websocket.close",
    "disconnect",
    "send",
    "__init__",
    ".",
    "",
)


class _LargeText(str):
    __slots__ = ()

    def __repr__(self) -> str:
        # hypothesis warns of a repr of 30,000 characters, and a warning would hide the failure it belongs to.
        return shown(str(self))


class _LargeBytes(bytes):
    __slots__ = ()

    def __repr__(self) -> str:
        return shown(bytes(self))  # short for the same reason


_LARGE_FRAMES = (
    _LargeText("x" * LARGE_FRAME),
    _LargeBytes(bytes(LARGE_FRAME)),
    _LargeText(json.dumps({"message": "x" * LARGE_FRAME})),
)


WORST_FRAMES: tuple[str | bytes, ...] = (
    "",
    b"",
    b"\xff",
    "{",
    "null",
    "[]",
    "{}",
    '{"message": null}',
    '{"message": {"type": []}}',
    '{"type": "websocket.disconnect"}',
    '{"message":' * 5000 + "1" + "}" * 5000,
    "[" * 5000 + "]" * 5000,
)
"""A frame of every form that apps are known to stumble over, the last two nested deeper than Python recurses."""


def texts(*, max_size: int = 200, empty: bool = False, nul: bool = False) -> SearchStrategy[str]:
    """Return texts that a client may say, of at most ``max_size`` characters.

    Surrogates are left out, as UTF-8 cannot carry them. ``empty`` lets the empty text in. ``nul`` lets U+0000 in, which
    PostgreSQL cannot store.
    """
    check_int("max_size", max_size, least=1)
    min_size = 0 if empty else 1
    anything = characters.anything(exclude="" if nul else "\0")
    plain = st.text(characters.of(string.ascii_lowercase), min_size=min_size, max_size=min(8, max_size))
    telling = st.sampled_from([text for text in _TELLING_TEXTS if len(text) <= max_size])
    long = st.builds(lambda unit: (unit * max_size)[:max_size], st.text(anything, min_size=1, max_size=8))
    return plain | telling | st.text(anything, min_size=min_size, max_size=max_size) | long


def frames(*, large: bool = True) -> SearchStrategy[str | bytes]:
    """Return raw frames of every form: empty, text, binary, JSON of every shape, JSON that is none, and hostile ones.

    ``large`` lets frames of 64 KiB in.
    """
    check_bool("large", large)
    leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts()
    shapes: SearchStrategy[Any] = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(max_size=8), inner, max_size=3)
    )
    wrong_types = st.dictionaries(st.sampled_from(_TELLING_KEYS), shapes, min_size=1, max_size=3)
    injected = st.builds(
        lambda kind, rest: {**rest, "type": kind}, st.sampled_from(_TELLING_TYPES), st.just({}) | wrong_types
    )
    nested = st.builds(
        lambda depth, pair: pair[0] * depth + pair[1] * depth,
        st.integers(1, 2000),
        st.sampled_from([("[", "]"), ('{"message":', "}")]),
    )
    forms: list[SearchStrategy[Any]] = [
        st.sampled_from(["", b""]),
        st.text(characters.anything(), min_size=1, max_size=20),
        st.binary(min_size=1, max_size=20),
        shapes.map(json.dumps),
        st.sampled_from(_BAD_JSON),
        nested,
        wrong_types.map(json.dumps),
        injected.map(json.dumps),
    ]
    if large:
        forms.append(st.sampled_from(_LARGE_FRAMES))
    return st.one_of(forms)


def audiences(*, ascii_only: bool = False) -> SearchStrategy[str]:
    """Return names of rooms: 1 to 64 letters, digits and hyphens, of any script unless ``ascii_only``."""
    check_bool("ascii_only", ascii_only)
    plain = st.sampled_from(["lobby", "Lobby", "0", "room-1", "a" * MAX_AUDIENCE]) | st.text(
        characters.of(_ASCII_NAME), min_size=1, max_size=MAX_AUDIENCE
    )
    if ascii_only:
        return plain
    other = st.text(characters.letters() | st.just("-"), min_size=1, max_size=MAX_AUDIENCE)
    other = other.filter(lambda name: not name.isascii())
    return plain | st.sampled_from(["大廳", "café", "зал", "غرفة", "١", "部" * MAX_AUDIENCE]) | other


def room_names() -> SearchStrategy[str]:
    """Return whatever a visitor may type for a room: of any script, too long, or full of marks that mean something."""
    awkward = st.sampled_from(_AWKWARD_NAMES)
    anything = st.text(characters.anything(controls=False, exclude="/"), min_size=1, max_size=200)
    return audiences() | awkward | st.integers(65, 250).map(lambda length: "a" * length) | anything


def layer_values() -> SearchStrategy[Any]:
    """Return what the Channel Layer Specification lets a message hold, nested, with text for keys."""
    leaves = (
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats(allow_nan=False)
        | texts(empty=True, nul=True)
        | st.binary(max_size=50)
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(max_size=8), inner, max_size=4),
        max_leaves=12,
    )


def close_codes() -> SearchStrategy[int | None]:
    """Return close codes that a browser may send: none, 1000, and 3000 to 4999 (WHATWG WebSockets, ``close()``)."""
    return st.none() | st.just(1000) | st.integers(3000, 4999)


def check_int(name: str, value: object, *, least: int, most: int | None = None) -> None:
    """Raise ValueError, saying what to write, where a value is no whole number within the limits."""
    limits = f"of at least {least}" if most is None else f"from {least} to {most}"
    if not isinstance(value, int) or isinstance(value, bool) or value < least or (most is not None and value > most):
        raise ValueError(f"{name}={value!r}: write a whole number {limits}")


def check_bool(name: str, value: object) -> None:
    """Raise ValueError, saying what to write, where a value is neither True nor False."""
    if not isinstance(value, bool):
        raise ValueError(f"{name}={value!r}: write True or False")


def check_strategy(name: str, value: object, example: str) -> None:
    """Raise ValueError, saying what to write, where a value is neither a strategy nor None."""
    if value is not None and not isinstance(value, st.SearchStrategy):
        raise ValueError(f"{name}={value!r}: write a hypothesis strategy, as {name}={example}, or None")
