"""The strategies for characters are cheap, and give what they promise."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given

from channels_conformance.traffic import characters

DRAW = """
from hypothesis import HealthCheck, given, settings
from hypothesis.internal import charmap

def refuse(*args, **kwargs):
    raise AssertionError("a table of all of Unicode is built")

charmap.charmap = refuse
from channels_conformance.subject.discovery import samples
from channels_conformance.traffic import origins, streams

PARAMETERS = {"str": "[^/]+", "int": "[0-9]+", "slug": "[-a-zA-Z0-9_]+", "path": ".+", "room": "[^/]{1,90}"}

@settings(max_examples=20, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(streams.conversations(frames=streams.frames()), streams.texts(empty=True, nul=True), origins.strangers(),
       samples.values(PARAMETERS))
def draw(stream, text, origin, values):
    pass

draw()
"""


def test_no_strategy_builds_tables_of_all_of_unicode() -> None:
    """Streams, frames, texts, origins and a route's values are drawn without the tables that take seconds to build."""
    done = subprocess.run([sys.executable, "-c", DRAW], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@given(characters.anything(controls=False, exclude="/"))
def test_excluded_characters_never_come(character: str) -> None:
    """Control codes, surrogates and what is excluded are left out."""
    assert character != "/"
    assert character >= " "
    character.encode()


@given(characters.letters())
def test_letters_are_letters_or_digits(character: str) -> None:
    """Letters of any script are alphanumeric to Python as well."""
    assert character.isalnum()
