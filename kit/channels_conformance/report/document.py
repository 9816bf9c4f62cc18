"""The catalogue to be read: as a list, as one Markdown document of all cards, as the tables of what it judges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from channels_conformance.report import card
from channels_conformance.report.words import word

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from channels_conformance.claims import Catalogue, Chapter, Claim, Deviation, Fact, Statement

_COLUMNS = ("there", "here", "spec", "verdict", "figure")
_FACT_COLUMNS = ("fact", "is", "here", "spec")


def listing(chapters: Sequence[Chapter], claims: Collection[Claim], language: str = "en") -> list[str]:
    """Return a line for each of these claims, under the titles of their chapters: id, level and statement."""
    width = max((len(claim.id) for claim in claims), default=0)
    told = []
    for chapter in chapters:
        shown = [claim for claim in chapter.claims if claim in claims]
        told += [chapter.title.in_(language)] if shown else []
        told += [f"  {claim.id:<{width}}  {claim.level:<6}  {claim.statement.in_(language)}" for claim in shown]
    return told


def document(
    catalogue: Catalogue, claims: Collection[Claim], judges: Mapping[str, Sequence[str]], language: str = "en"
) -> list[str]:
    """Return the cards of these claims, chapter by chapter, and the statements of the notes that they judge.

    Where there is no claim there is no document.
    """
    if not claims:
        return []
    told = [f"# {word('catalogue', language)}", ""]
    for chapter in catalogue.chapters:
        told += _chapter(chapter, catalogue, claims, judges, language)
    ids = {claim.id for claim in claims}
    statements = [one for one in catalogue.statements if len(ids) == len(catalogue) or ids & set(one.claims)]
    if statements:
        told += [f"## {word('statements', language)}", "", *table(statements, judges, language)]
    return told if told[-1] else told[:-1]


def deviations(catalogue: Catalogue, claims: Collection[Claim], language: str = "en") -> list[str]:
    """Return a Markdown list of what platforms are known for, a section each: claim, what is seen, how to see it."""
    ids = {claim.id for claim in claims}
    found = [one for one in catalogue.deviations if one.claim in ids]
    told = []
    for platform in dict.fromkeys(one.platform for one in found):
        told += [f"## {platform}", ""]
        for one in (one for one in found if one.platform == platform):
            told.append(f"- **{_escaped(one.statement.in_(language))}** {_escaped(one.seen.in_(language))}")
            told.append(f"  {one.platform} {one.versions}; `{one.claim}`{_upstream(one, language)}")
        told.append("")
    return told[:-1]


def _upstream(one: Deviation, language: str) -> str:
    issue = f"; {one.issue}" if one.issue else ""
    return issue + (f"; {word('reproduction', language)}: `{one.reproduction}`" if one.reproduction else "")


def table(statements: Sequence[Statement], judges: Mapping[str, Sequence[str]], language: str = "en") -> list[str]:
    """Return the lines of a table, one for each statement of the notes: who judges it, and what is so."""
    return _table(_COLUMNS, [_row(statement, judges, language) for statement in statements], language)


def facts_table(facts: Sequence[Fact], judges: Mapping[str, Sequence[str]], language: str = "en") -> list[str]:
    """Return the lines of a table, one for each fact: what it is, and who judges it."""
    return _table(_FACT_COLUMNS, [_fact_row(fact, judges, language) for fact in facts], language)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], language: str) -> list[str]:
    if not rows:
        return []
    head = [[word(key, language) for key in columns], ["---"] * len(columns)]
    escaped = [[_escaped(cell).replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in (*head, *escaped)]


def _fact_row(fact: Fact, judges: Mapping[str, Sequence[str]], language: str) -> list[str]:
    none = word("pending" if fact.pending else "none", language)
    specs = dict.fromkeys(name for claim_id in fact.claims for name in judges.get(claim_id, ()))
    reason = fact.reason.in_(language) if fact.reason else none
    return [fact.id, fact.says.in_(language), ", ".join(fact.claims) or none, ", ".join(specs) or reason]


def _row(statement: Statement, judges: Mapping[str, Sequence[str]], language: str) -> list[str]:
    none = word("pending" if statement.pending else "none", language)
    specs = dict.fromkeys(name for claim_id in statement.claims for name in judges.get(claim_id, ()))
    return [
        f"{statement.id} (§{statement.section})" if statement.section[-1].isdigit() else statement.id,
        ", ".join(statement.claims) or none,
        ", ".join(specs) or (statement.reason.in_(language) if statement.reason else none),
        word(statement.verdict, language),
        statement.figure.in_(language) if statement.figure else word("unmeasured", language),
    ]


def _chapter(
    chapter: Chapter,
    catalogue: Catalogue,
    claims: Collection[Claim],
    judges: Mapping[str, Sequence[str]],
    language: str,
) -> list[str]:
    told = []
    for claim in chapter.claims:
        if claim in claims:
            told += [f"### {claim.id}", "", f"**{_escaped(claim.statement.in_(language))}**", ""]
            specs = [(word("spec", language), [f"`{name}`" for name in judges.get(claim.id, ())])]
            for title, body in [*card.sections(claim, catalogue, language), *specs]:
                told.append(f"- {title}: {' · '.join(_escaped(line) for line in body)}")
            told.append("")
    return [f"## {chapter.title.in_(language)}", "", *told] if told else []


def _escaped(text: str) -> str:
    """Return a text in which Markdown finds no tag and no emphasis, except within its code spans."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(part if part.startswith("`") else part.replace("<", "&lt;").replace("*", "\\*") for part in parts)
