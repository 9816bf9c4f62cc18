"""Hypothesis strategies for single characters, without tables of all of Unicode.

``st.characters()`` builds such tables, seconds of work, and keeps them in a folder. A run leaves no folder behind, so
it would build them every time. These strategies draw from ranges instead, and shrink to plain letters.
"""

from __future__ import annotations

import string
import unicodedata
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_PLAIN = string.ascii_lowercase + string.ascii_uppercase + string.digits + string.punctuation + " "
_CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
_SCRIPTS = (
    (0xC0, 0x24F),  # Latin with marks
    (0x370, 0x52F),  # Greek, Cyrillic
    (0x5D0, 0x669),  # Hebrew, Arabic and its digits
    (0x904, 0x96F),  # Devanagari
    (0x3041, 0x30FA),  # Hiragana, Katakana
    (0x4E00, 0x9FFF),  # Chinese
    (0xAC00, 0xD7A3),  # Hangul
    (0x1D400, 0x1D7FF),  # mathematical letters, beyond the Basic Multilingual Plane
)


VARIED = _PLAIN + "".join(chr(code) for ends in _SCRIPTS for code in ends) + "é界🙂\u0301\u200f\xa0\n\t\x00"
"""Some characters of every kind: letters and digits of many scripts, marks, spaces, controls."""


def of(alphabet: str) -> SearchStrategy[str]:
    """Return the characters of ``alphabet``; the first is the simplest."""
    # Mapped, or st.text() would look the alphabet up in those tables.
    return st.sampled_from(alphabet).map(str)


def anything(*, controls: bool = True, exclude: str = "") -> SearchStrategy[str]:
    """Return characters of all planes but surrogates, which UTF-8 cannot carry; ``controls`` lets control codes in."""
    plain = of("".join(character for character in _PLAIN if character not in exclude))
    beyond = st.integers(0xA1, 0xD7FF) | st.integers(0xE000, 0x10FFFF)
    found = plain | plain | beyond.map(chr)
    if controls:
        found |= of("".join(control for control in _CONTROLS if control not in exclude))
    return found


def letters() -> SearchStrategy[str]:
    """Return letters and digits of many scripts."""
    ranges = [st.integers(*ends) for ends in _SCRIPTS]
    return (
        st.one_of(ranges).map(chr).filter(lambda one: unicodedata.category(one) in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"})
    )
