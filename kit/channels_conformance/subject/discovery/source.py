"""What the source of a consumer lets one guess: what its clients might send.

Nothing is run, and nothing is taken for certain: every guess is tried on the application before it is believed.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from channels_conformance.subject.discovery.routes import listed

TEXTS = ("message", "text", "body", "content", "msg", "words", "note", "title")
"""What the text of a message is often called; what the source names comes first."""

VERBS = ("type", "action", "command", "cmd", "kind", "op", "event")
ROOMS = ("room", "room_name", "channel", "topic", "group", "chat", "name")
WRAPS = ("data", "payload", "entry", "message", "content", "body")

_MOST = 160
"""Candidates that are tried at most."""


@dataclass(slots=True)
class Vocabulary:
    """The words that the source of a consumer looks for in what clients send, in the order of the source."""

    keys: dict[str, None] = field(default_factory=dict)
    values: dict[str, None] = field(default_factory=dict)
    patterns: list[Any] = field(default_factory=list)  # whole templates, from match statements


def vocabulary(consumer: type, *, texts: Iterable[str] = ()) -> Vocabulary:
    """Read the modules of a consumer's own classes; ``texts`` are further words for what is said."""
    found = Vocabulary()
    modules = dict.fromkeys(
        one.__module__
        for one in consumer.__mro__
        if not one.__module__.startswith(("channels.", "asgiref.", "builtins"))
    )
    for name in modules:
        try:
            tree = ast.parse(inspect.getsource(sys.modules[name]))
        except (KeyError, OSError, TypeError, SyntaxError):
            continue
        for node in ast.walk(tree):
            _read(node, found)
    found.values.update(dict.fromkeys(listed(consumer, "available_actions")))
    found.keys.update(dict.fromkeys(texts))
    return found


def sayings(words: Vocabulary) -> list[str]:
    """Return templates of what a client might send to say ``{text}``, the likeliest first."""
    known = [key for key in words.keys if key not in (*VERBS, *ROOMS)]
    texts = list(dict.fromkeys([*(key for key in TEXTS if key in known), *known, *TEXTS]))[:14]
    verbs = [verb for verb in VERBS if verb in words.keys]
    wraps = [wrap for wrap in WRAPS if wrap in words.keys]
    plain: Iterable[Any] = ({text: "{text}"} for text in texts)
    said = (
        {verb: value, text: "{text}"} for verb in verbs for text, value in itertools.product(texts[:6], words.values)
    )
    wrapped = ({wrap: {text: "{text}"}} for wrap, text in itertools.product(wraps, texts[:6]) if wrap != text)
    both = (
        {verb: value, wrap: {text: "{text}"}}
        for verb in verbs
        for value, wrap, text in itertools.product(words.values, wraps, texts[:6])
        if wrap != text
    )
    candidates = [*words.patterns, *_mixed(plain, said, wrapped, both)]
    written = ["{text}", *(json.dumps(one) for one in candidates if "{text}" in json.dumps(one))]
    return list(dict.fromkeys(written))[:_MOST]


def openings(words: Vocabulary) -> list[str]:
    """Return templates of what a client might have to send before it takes part in ``{room}``."""
    rooms = [room for room in ROOMS if room in words.keys] or list(ROOMS[:1])
    verbs = [verb for verb in VERBS if verb in words.keys]
    values = [one for one in words.values if one in ("join", "subscribe", "enter", "open", "follow", "listen")]
    return [json.dumps({verb: value, room: "{room}"}) for verb, value, room in itertools.product(verbs, values, rooms)][
        :6
    ]


def _mixed(*kinds: Iterable[Any]) -> Iterator[Any]:
    """Yield from each kind in turn, so that no kind is cut off for the length of another."""
    for round_ in itertools.zip_longest(*kinds):
        yield from (one for one in round_ if one is not None)


def _read(node: ast.AST, found: Vocabulary) -> None:
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            found.keys[key] = None
        case ast.Call(args=[*_, ast.Constant(value=str(key))]) | ast.Call(args=[ast.Constant(value=str(key)), *_]):
            if key.isidentifier():
                found.keys[key] = None
        case ast.Compare(comparators=[ast.Constant(value=str(value))]):
            found.values[value] = None
        case ast.Compare(comparators=[ast.Tuple(elts=several) | ast.List(elts=several) | ast.Set(elts=several)]):
            found.values.update(dict.fromkeys(_texts_of(several)))
        case ast.Dict(keys=keys):
            found.values.update(dict.fromkeys(_texts_of(keys)))
        case ast.MatchValue(value=ast.Constant(value=str(value))):
            found.values[value] = None
        case ast.MatchMapping():
            found.patterns.append(_template(node))
            found.keys.update(dict.fromkeys(_texts_of(node.keys)))


def _template(pattern: ast.pattern) -> Any:
    """Return what a pattern of a match statement asks for, with ``{text}`` wherever it takes any text."""
    match pattern:
        case ast.MatchMapping(keys=keys, patterns=patterns):
            pairs = zip(keys, patterns, strict=True)
            return {key.value: _template(value) for key, value in pairs if isinstance(key, ast.Constant)}
        case ast.MatchValue(value=ast.Constant(value=value)):
            return value
        case ast.MatchSequence(patterns=patterns):
            return [_template(one) for one in patterns if not isinstance(one, ast.MatchStar)]
        case ast.MatchOr(patterns=[first, *_]):
            return _template(first)
        case ast.MatchAs(pattern=ast.pattern() as inner):
            return _template(inner)
        case ast.MatchClass(cls=ast.Name(id="int" | "float")):
            return 1
        case ast.MatchClass(cls=ast.Name(id="bool")):
            return False
        case _:
            return "{text}"


def _texts_of(nodes: Iterable[ast.expr | None]) -> Iterator[str]:
    yield from (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
