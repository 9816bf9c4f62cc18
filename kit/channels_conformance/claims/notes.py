"""What the study notes say: of one claim, and statement by statement, with what is really so.

The notes hold errors, so nothing of theirs is taken over without a verdict. Statements and claims name each other: a
statement that no claim judges says why, or is counted as pending.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from channels_conformance.claims import reading
from channels_conformance.claims.reading import CatalogueError, Text

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

StatementVerdict = Literal["confirmed", "refuted", "qualified"]
NotesVerdict = Literal["confirmed", "refuted", "qualified", "silent"]
Section = Literal["introduction", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "Q1", "Q2", "Q3", "summary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What the study notes say of a claim, and whether it is so."""

    verdict: NotesVerdict
    ids: tuple[str, ...] = ()  # the statements of the notes that the claim is about
    says: Text | None = None
    correction: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of the study notes, the verdict on it, and who judges it."""

    id: str
    section: Section
    says: Text
    verdict: StatementVerdict
    correction: Text | None = None  # what is really so, where it is not as the notes say
    figure: Text | None = None  # what was measured
    claims: tuple[str, ...] = ()
    reason: Text | None = None  # why no program can judge it
    pending: bool = False  # a program could judge it, and none does yet


def of_claim(value: object, claim_id: str) -> Notes:
    """Read what the notes say of a claim."""
    where = f"{claim_id}: notes"
    data = reading.table(value, where, required=("verdict",), optional=("ids", "says", "correction"))
    verdict = cast("NotesVerdict", reading.word(data["verdict"], f"{where}.verdict", get_args(NotesVerdict)))
    for key, wanted in (("says", "say what the notes say"), ("ids", "name statements of notes.toml")):
        if verdict == "silent" and key in data:
            raise CatalogueError(f"{where}.{key} must be left out where the notes are silent.")
        if verdict != "silent" and key not in data:
            raise CatalogueError(f"{where}.{key} must {wanted}.")
    if verdict in ("refuted", "qualified") and "correction" not in data:
        raise CatalogueError(f"{where}.correction must say what is really so, since the verdict is {verdict!r}.")
    return Notes(
        verdict=verdict,
        ids=_ids(data, "ids", where),
        says=_text(data, "says", where),
        correction=_text(data, "correction", where),
    )


def statements(entry: Traversable) -> tuple[Statement, ...]:
    """Read the statements of the notes from their file."""
    data = reading.table(reading.read(entry), entry.name, required=("statement",))
    made = tuple(_statement(item, entry.name) for item in reading.items(data["statement"], f"{entry.name}: statement"))
    reading.unique([one.id for one in made])
    return made


def _statement(value: object, name: str) -> Statement:
    where = f"{name}: statement {value.get('id', 'without id') if isinstance(value, Mapping) else value}"
    required = ("id", "section", "says", "verdict")
    data = reading.table(
        value, where, required=required, optional=("correction", "figure", "claims", "reason", "pending")
    )
    statement_id = reading.string(data["id"], f"{where}: id")
    if not re.fullmatch(r"C-\d{2,3}", statement_id):
        raise CatalogueError(f"{where}: the id must be C- and a number, such as C-04.")
    verdict = reading.word(data["verdict"], f"{where}: verdict", get_args(StatementVerdict))
    if (verdict == "confirmed") == ("correction" in data):
        wanted = "must be left out" if verdict == "confirmed" else "must say what is really so"
        raise CatalogueError(f"{where}: correction {wanted}, since the verdict is {verdict!r}.")
    if sum(key in data for key in ("claims", "reason", "pending")) != 1 or data.get("pending", True) is not True:
        raise CatalogueError(f"{where} must have one of claims, reason and pending = true.")
    if "reason" not in data and "figure" not in data:
        raise CatalogueError(f"{where} lacks 'figure', what was measured.")
    return Statement(
        id=statement_id,
        section=cast("Section", reading.word(data["section"], f"{where}: section", get_args(Section))),
        says=reading.text(data["says"], f"{where}: says"),
        verdict=cast("StatementVerdict", verdict),
        correction=_text(data, "correction", where),
        figure=_text(data, "figure", where),
        claims=_ids(data, "claims", where),
        reason=_text(data, "reason", where),
        pending="pending" in data,
    )


def join(claims: Mapping[str, Notes], said: Iterable[Statement]) -> None:
    """Raise :class:`CatalogueError` unless claims and statements name each other, and agree."""
    by_id = {statement.id: statement for statement in said}
    for claim_id, notes in claims.items():
        for statement_id in notes.ids:
            if statement_id not in by_id:
                near = reading.nearest(statement_id, list(by_id))
                raise CatalogueError(f"{claim_id}: notes.ids names {statement_id!r}, which notes.toml lacks{near}.")
            if claim_id not in by_id[statement_id].claims:
                raise CatalogueError(f"{claim_id}: notes.ids names {statement_id}, whose claims do not name it.")
        verdicts = {by_id[statement_id].verdict for statement_id in notes.ids}
        if {notes.verdict, *verdicts} == {"confirmed", "refuted"} and len(verdicts) == 1:
            raise CatalogueError(f"{claim_id}: notes.verdict is {notes.verdict}, against {', '.join(notes.ids)}.")
    for statement in by_id.values():
        for claim_id in statement.claims:
            if claim_id not in claims:
                near = reading.nearest(claim_id, list(claims))
                raise CatalogueError(f"notes.toml: {statement.id} names {claim_id!r}, which is no claim{near}.")
            if statement.id not in claims[claim_id].ids:
                raise CatalogueError(f"notes.toml: {statement.id} names {claim_id}, whose notes.ids do not name it.")


def _text(data: Mapping[str, object], key: str, where: str) -> Text | None:
    return reading.text(data[key], f"{where}.{key}") if key in data else None


def _ids(data: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    if key not in data:
        return ()
    ids = reading.strings(data[key], f"{where}.{key}")
    reading.unique(list(ids))
    return ids
