"""The study card: all that the catalogue says of one claim, as lines of plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.report.words import word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from channels_conformance.claims import Catalogue, Claim, Deviation, Fact, Notes, Statement


def lines(claim: Claim, catalogue: Catalogue, language: str = "en", *, without: Collection[str] = ()) -> list[str]:
    """Return a claim's card, but for the sections that are kept back."""
    return [*head(claim, language), *body(claim, catalogue, language, without=without)]


def head(claim: Claim, language: str = "en") -> list[str]:
    """Return how a card begins: what is claimed."""
    return [f"{claim.id} ({claim.level})", f"  {claim.statement.in_(language)}"]


def body(claim: Claim, catalogue: Catalogue, language: str = "en", *, without: Collection[str] = ()) -> list[str]:
    """Return what a card says behind its head, but for the sections that are kept back."""
    told = sections(claim, catalogue, language, without=without)
    return [line for title, some in told for line in section(title, some)]


def sections(
    claim: Claim, catalogue: Catalogue, language: str = "en", *, without: Collection[str] = ()
) -> list[tuple[str, list[str]]]:
    """Return the titles of a card and what stands under each; what there is nothing to say of is left out.

    ``without`` holds keys of sections that are kept back: "hint" and "answer", say.
    """
    notes, study = claim.notes, claim.study
    told: dict[str, list[str]] = {
        "level": [claim.level],
        "scope": [claim.scope],
        "source": ["; ".join(claim.source)],
        "says": _says(notes, language),
        "so": [notes.correction.in_(language)] if notes.correction else [],
        "why": [study.why.in_(language)],
        "question": [study.question.in_(language)],
        "hint": [study.hint.in_(language)],
        "answer": [study.answer.in_(language)],
        "read": list(study.read),
        "deviations": [_deviation(one, language) for one in catalogue.deviations_of(claim.id)],
    }
    return [(word(key, language), some) for key, some in told.items() if some and key not in without]


def statement(said: Statement, language: str = "en") -> list[str]:
    """Return the card of one statement of the notes: what is said, what is so, what was measured, and who judges it."""
    told: dict[str, list[str]] = {
        "so": [said.correction.in_(language)] if said.correction else [],
        "figure": [said.figure.in_(language)] if said.figure else [],
        "judged": list(said.claims) or [said.reason.in_(language) if said.reason else word("pending", language)],
    }
    head = [f"{said.id} ({word(said.verdict, language)})", f"  {said.says.in_(language)}"]
    return head + [line for key, some in told.items() for line in section(word(key, language), some)]


def fact(known: Fact, language: str = "en") -> list[str]:
    """Return the card of one fact: what it is, and who judges it."""
    judged = list(known.claims) or [known.reason.in_(language) if known.reason else word("pending", language)]
    return [known.id, f"  {known.says.in_(language)}", *section(word("judged", language), judged)]


def section(title: str, told: Iterable[str]) -> list[str]:
    """Return the lines of one section; none where there is nothing under its title."""
    indented = [f"    {line}" for line in told]
    return ["", f"  {title}:", *indented] if indented else []


def _says(notes: Notes, language: str) -> list[str]:
    if notes.says is None:
        return [word("nothing", language)]
    return [notes.says.in_(language), f"{word(notes.verdict, language)} ({', '.join(notes.ids)})"]


def _deviation(one: Deviation, language: str) -> str:
    issue = f" {one.issue}" if one.issue else ""
    return f"{one.platform} {one.versions}: {one.statement.in_(language)} {one.seen.in_(language)}{issue}"
