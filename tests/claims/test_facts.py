"""The defects and the rules that the catalogue rests on, and the claims that judge them."""

from __future__ import annotations

import pytest

from channels_conformance.claims import Catalogue, load


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Return the shipped catalogue."""
    return load()


def test_every_fact_is_there(catalogue: Catalogue) -> None:
    """None of the 40 defects and of the 78 rules is left out."""
    defects, rules = [f"D{number}" for number in range(1, 41)], [f"N{number}" for number in range(1, 79)]

    assert [one.id for one in catalogue.facts] == [*defects, *rules]


def test_every_fact_is_judged_or_says_why_not(catalogue: Catalogue) -> None:
    """A fact has its claims, or a reason why none can judge it: one of the two, and none is left for later."""
    for one in catalogue.facts:
        assert [bool(one.claims), one.reason is not None].count(True) == 1, one.id
        assert not one.pending, one.id


def test_every_fact_is_one_sentence(catalogue: Catalogue) -> None:
    """A row of the table is read at a glance."""
    for one in catalogue.facts:
        assert one.says.en.endswith("."), one.id
        assert one.says.en.count(". ") == 0, one.id
        assert one.says.zh_hant.endswith("。"), one.id
        assert one.says.zh_hant.count("。") == 1, one.id
