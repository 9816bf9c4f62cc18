"""The statements of the study notes, and the claims that judge them."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from channels_conformance.claims import Catalogue, load

PENDING = 0
"""How many statements no spec judges yet. Lower it with each that one does; it never rises."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Return the shipped catalogue."""
    return load()


def test_every_statement_of_the_notes_is_there(catalogue: Catalogue) -> None:
    """None of the 111 is left out, and the verdicts are those that were measured."""
    assert [one.id for one in catalogue.statements] == [f"C-{number:02}" for number in range(1, 112)]
    assert Counter(one.verdict for one in catalogue.statements) == {"confirmed": 40, "qualified": 46, "refuted": 25}


def test_claims_and_statements_name_each_other(catalogue: Catalogue) -> None:
    """What a claim says of the notes and what a statement says of the claims are one relation."""
    from_claims = {(claim.id, said) for claim in catalogue for said in claim.notes.ids}
    from_statements = {(claim_id, one.id) for one in catalogue.statements for claim_id in one.claims}

    assert from_claims == from_statements
    assert from_claims


def test_every_statement_is_judged_or_says_why_not(catalogue: Catalogue) -> None:
    """A statement has its claims, or a reason, or is pending: one of the three."""
    for one in catalogue.statements:
        assert [bool(one.claims), one.reason is not None, one.pending].count(True) == 1, one.id


def test_what_is_pending_only_shrinks(catalogue: Catalogue) -> None:
    """The number on record is the number there is, so that a statement judged today is not dropped tomorrow."""
    assert sum(one.pending for one in catalogue.statements) == PENDING


def test_claims_and_their_statements_agree(catalogue: Catalogue) -> None:
    """A claim names statements exactly where the notes are not silent."""
    for claim in catalogue:
        assert (claim.notes.verdict == "silent") == (not claim.notes.ids), claim.id


def test_what_was_measured_holds_a_number_or_a_name(catalogue: Catalogue) -> None:
    """A figure is one: most hold a number, the others name what was seen."""
    figures = [one.figure.en for one in catalogue.statements if one.figure]

    with_number = [figure for figure in figures if re.search(r"\d", figure)]
    assert len(with_number) >= 0.9 * len(figures)


def test_a_source_names_a_section_that_the_notes_have(catalogue: Catalogue) -> None:
    """A source in the notes can be looked up."""
    sections = {one.section for one in catalogue.statements}

    for claim in catalogue:
        for source in claim.source:
            if source.startswith("notes "):
                assert source.removeprefix("notes ").removeprefix("§") in sections, f"{claim.id}: {source}"
