"""Values that a route's own pattern admits, drawn by Hypothesis from the expression of each parameter."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

PLAIN = string.ascii_letters + string.digits + "-_"
"""What a plain name is made of."""

_ENOUGH = 24


def admitted(expression: str) -> st.SearchStrategy[str]:
    """Return the texts that a parameter admits: also long ones, and of any script where the expression lets them."""
    return _drawn(expression) | _long(expression)


def values(parameters: Mapping[str, str]) -> st.SearchStrategy[dict[str, str]]:
    """Return values for all parameters of a route."""
    return st.fixed_dictionaries({name: admitted(expression) for name, expression in parameters.items()})


def plain_values(expression: str) -> Iterator[str]:
    """Yield some different values, as plain as the expression lets them be."""
    found: list[str] = []
    try:
        drawn = st.from_regex(f"(?:{expression})", fullmatch=True, alphabet=st.sampled_from(PLAIN))
        drawn.validate()
    except InvalidArgument:
        drawn = _drawn(expression)

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


def _drawn(expression: str) -> st.SearchStrategy[str]:
    # What UTF-8 can carry, as it is anyway; but named by its codec, each code point would be encoded to find that out.
    carried = st.characters(exclude_categories=["Cs"])
    return st.from_regex(f"(?:{expression})", fullmatch=True, alphabet=carried).filter(bool)


def _long(expression: str) -> st.SearchStrategy[str]:
    """Return long values: over the 99 characters that a group's name may have, where the expression lets them."""
    long = [text * 120 for text in ("a", "7", "é", "界", "a b", "%0A")]
    fitting = [text for text in long if re.fullmatch(expression, text)]
    return st.sampled_from(fitting) if fitting else st.nothing()
