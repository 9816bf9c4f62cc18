"""The published schema of a profile says what the code that reads it takes, no more and no less."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from channels_conformance.subject import profile, reading, schema
from channels_conformance.subject.profile import Endpoint, Profile, ProfileError, Push, Stores, Task

PUBLISHED = files("channels_conformance.subject").joinpath("profile.schema.json").read_text(encoding="utf-8")
VALIDATOR = Draft202012Validator(json.loads(PUBLISHED))
REFERENCE = Path(profile.__file__).parents[1] / "reference" / "conformance.toml"
ECHO = {"path": "/ws/", "say": "{text}"}


def with_endpoint(**more: Any) -> dict[str, Any]:
    """Return a profile of one endpoint that has these entries."""
    return {"settings": "shop.settings", "endpoints": {"echo": {**ECHO, **more}}}


def test_what_is_published_is_what_the_code_says() -> None:
    """The file in the package is what the dataclasses make of it; ``channels-conformance schema`` prints it."""
    command = Path(sys.executable).with_name("channels-conformance")

    printed = subprocess.run([str(command), "schema"], capture_output=True, text=True, check=True).stdout

    assert printed == schema.text() == PUBLISHED, "write it anew: channels-conformance schema > .../profile.schema.json"
    Draft202012Validator.check_schema(json.loads(PUBLISHED))


@pytest.mark.parametrize(
    ("kind", "given"), [(Profile, {"root"}), (Endpoint, {"name"}), (Task, {"name"}), (Push, {"name"}), (Stores, set())]
)
def test_every_key_is_described(kind: type[Any], given: set[str]) -> None:
    """Each key has a type and a sentence."""
    published = json.loads(PUBLISHED)
    table = published if kind is Profile else published["$defs"][kind.__name__.lower()]

    assert set(table["properties"]) == {entry.name for entry in fields(kind) if not entry.metadata.get("found")} - given
    for name, told in table["properties"].items():
        assert told["description"][0].isupper() or told["description"][0] == '"', name
        assert told["description"].endswith("."), name


def test_the_reference_profile_is_valid() -> None:
    """The profile that the kit ships passes."""
    assert list(VALIDATOR.iter_errors(tomllib.loads(REFERENCE.read_text()))) == []


@pytest.mark.parametrize(
    "data",
    [
        with_endpoint(),
        with_endpoint(headers={"Authorization": "Token {token}"}, subprotocols=["v1"], first=["{}"], noise=["hi"]),
        with_endpoint(refusal="in-band", enter="authenticated", binary=True, stores="shop.Message.body"),
        with_endpoint(stores={"model": "shop.Message", "text": "body"}),
        {"settings": "s", "workers": 3, "known": {"fanout/lost": "why"}, "floor": {"orm": 7}},
        with_endpoint() | {"pushes": {"news": {"path": "/api/", "notifies": "echo"}}},
        with_endpoint() | {"tasks": {"report": {"task": "t", "notifies": "echo", "arguments": [1, "a", {"b": 2}]}}},
    ],
)
def test_what_the_code_takes_the_schema_takes(data: dict[str, Any]) -> None:
    """A good profile passes both."""
    reading.parse(data, root=Path("/srv/shop"))

    assert list(VALIDATOR.iter_errors(data)) == []


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"settings": 3},
        {"settings": "s", "server": ["daphne"]},
        {"settings": "s", "servers": ["iis"]},
        {"settings": "s", "workers": 0},
        {"settings": "s", "known": {"fanout/lost": " "}},
        with_endpoint(hears="all"),
        with_endpoint(refusal="rejects"),
        with_endpoint(binary="yes"),
        with_endpoint(headers=["Authorization"]),
        with_endpoint(headers={"Authorization": 1}),
        with_endpoint(first="join"),
        with_endpoint(noise=[1]),
        with_endpoint(close_codes=["4001"]),
        with_endpoint(stores="Message.body"),
        with_endpoint(stores={"model": "shop.Message"}),
        {"settings": "s", "endpoints": {"echo": {"say": "{text}"}}},
        with_endpoint() | {"pushes": {"news": {"path": "/api/"}}},
        with_endpoint() | {"pushes": {"news": {"path": "/api/", "notifies": "echo", "url": "x"}}},
    ],
)
def test_what_the_code_refuses_the_schema_refuses(data: dict[str, Any]) -> None:
    """A broken profile fails both."""
    with pytest.raises(ProfileError):
        reading.parse(data, root=Path("/srv/shop"))

    assert list(VALIDATOR.iter_errors(data))
