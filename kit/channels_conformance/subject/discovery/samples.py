"""Values that a route's own pattern admits, drawn by Hypothesis from the expression of each parameter."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from channels_conformance.traffic import characters

PLAIN = string.ascii_letters + string.digits + "-_"
"""What a plain name is made of."""

_ENOUGH = 24
_CLASS = re.compile(
    r"(?P<one>\[\^?(?:\\.|[^]\\])+\]|\\[wd]|\.)(?:(?P<any>[+*])|\{(?P<least>\d+)(?P<to>,(?P<most>\d*))?\})"
)
"""An expression of one class of characters and how many of them, as most parameters have."""


def admitted(expression: str) -> st.SearchStrategy[str]:
    """Return the texts that a parameter admits: also long ones, and of any script where the expression lets them."""
    return _matching(expression, characters.VARIED).filter(bool) | _long(expression)


def values(parameters: Mapping[str, str]) -> st.SearchStrategy[dict[str, str]]:
    """Return values for all parameters of a route."""
    return st.fixed_dictionaries({name: admitted(expression) for name, expression in parameters.items()})


def plain_values(expression: str) -> Iterator[str]:
    """Yield some different values, as plain as the expression lets them be."""
    found: list[str] = []
    drawn = _matching(expression, PLAIN)

    @settings(
        max_examples=_ENOUGH,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn)
    def draw(value: str) -> None:
        if value and value not in found:
            found.append(value)

    draw()
    yield from sorted(found, key=len)


def _matching(expression: str, alphabet: str) -> st.SearchStrategy[str]:
    """Return texts of an alphabet that match, or of all of Unicode where the expression asks for what it lacks.

    Whatever the alphabet, ``from_regex`` first makes tables of all of Unicode, a second or two in each run; so it is
    asked for expressions alone that are more than a class of characters.
    """
    if found := _CLASS.fullmatch(expression):
        simple = _of_a_class(found, alphabet)
        if simple is not None:
            return simple
    narrow = st.from_regex(f"(?:{expression})", fullmatch=True, alphabet=st.sampled_from(alphabet))
    try:
        narrow.validate()
    except InvalidArgument:
        # What UTF-8 can carry, as it is anyway; named by its codec, each code point would be encoded to find that out.
        carried = st.characters(exclude_categories=["Cs"])
        return st.from_regex(f"(?:{expression})", fullmatch=True, alphabet=carried)
    return narrow


def _of_a_class(found: re.Match[str], alphabet: str) -> st.SearchStrategy[str] | None:
    """Return texts of those characters of an alphabet that are of a class; None where there are none."""
    fitting = "".join(one for one in alphabet if re.fullmatch(found["one"], one))
    if not fitting:
        return None
    if found["any"]:
        return st.text(characters.of(fitting), min_size=int(found["any"] == "+"))
    least = int(found["least"])
    most = least if not found["to"] else int(found["most"]) if found["most"] else None
    return st.text(characters.of(fitting), min_size=least, max_size=most)


def _long(expression: str) -> st.SearchStrategy[str]:
    """Return long values: over the 99 characters that a group's name may have, where the expression lets them."""
    long = [text * 120 for text in ("a", "7", "é", "界", "a b", "%0A")]
    fitting = [text for text in long if re.fullmatch(expression, text)]
    return st.sampled_from(fitting) if fitting else st.nothing()
