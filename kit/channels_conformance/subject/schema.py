"""The JSON Schema of a profile, made of the very dataclasses that it is read into.

``profile.schema.json`` beside this file is what it says, published for editors; ``channels-conformance schema`` prints
it. A profile names it with ``#:schema PATH-OR-URL`` in its first line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from channels_conformance.subject.profile import Endpoint, Profile, Push, Stores, Task

TABLES: Mapping[str, type[Any]] = {"endpoints": Endpoint, "tasks": Task, "pushes": Push}
"""The keys of a profile that are tables of tables, and what each of those is read into."""


def schema() -> dict[str, Any]:
    """Return the schema of a profile (JSON Schema, draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "conformance.toml: what a Django Channels project says of itself",
        **_object(Profile, given={"root"}),
        "$defs": {kind.__name__.lower(): _object(kind, given={"name"}) for kind in (*TABLES.values(), Stores)},
    }


def text() -> str:
    """Return the schema as the file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _object(kind: type[Any], *, given: set[str]) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    written = [entry for entry in fields(kind) if entry.name not in given and not entry.metadata.get("found")]
    required = [it.name for it in written if it.default is MISSING and it.default_factory is MISSING]
    return {
        "description": (kind.__doc__ or "").strip(),
        "type": "object",
        "properties": {entry.name: _property(entry, hints[entry.name]) for entry in written},
        "required": required,
        "additionalProperties": False,
    }


def _property(entry: Field[Any], hint: Any) -> dict[str, Any]:
    of, description = get_args(hint)
    told: dict[str, Any] = {"description": description}
    if entry.name in TABLES:
        one = {"$ref": f"#/$defs/{TABLES[entry.name].__name__.lower()}"}
        return {**told, "type": "object", "additionalProperties": one}
    if entry.name == "known":  # a reason must be given
        return {**told, "type": "object", "additionalProperties": {"type": "string", "pattern": r"\S"}}
    told |= _type(of)
    if entry.default is not MISSING and entry.default not in ("", None, (), 0):
        told["default"] = entry.default
    return told


def _type(of: Any) -> dict[str, Any]:
    arguments = get_args(of)
    match get_origin(of) or of:
        case kind if kind is tuple:
            return {"type": "array", "items": _type(arguments[0])}
        case kind if kind is Mapping:
            return {"type": "object", "additionalProperties": _type(arguments[1])}
        case kind if kind is Literal:
            return {"enum": list(arguments)}
        case kind if kind is bool:
            return {"type": "boolean"}
        case kind if kind is int:
            return {"type": "integer", "minimum": 1}
        case kind if kind is str:
            return {"type": "string"}
        case kind if kind is Any:
            return {}
    assert Stores in arguments, f"the profile has a key of type {of}"
    return {"anyOf": [{"type": "string", "pattern": r"\..*\.[^.]+$"}, {"$ref": "#/$defs/stores"}]}
