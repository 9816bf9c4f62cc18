"""What the catalogue rests on: the defects seen in other projects (D) and the rules of the standards (N), one by one.

Each says which claims judge it, or why none can; what a claim could judge, and none does yet, is counted as pending.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from channels_conformance.claims import reading
from channels_conformance.claims.reading import CatalogueError, Text

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One defect or one rule, in a sentence, and who judges it."""

    id: str  # D and a number: a defect; N and a number: a rule
    says: Text
    claims: tuple[str, ...] = ()
    reason: Text | None = None  # why no claim can judge it
    pending: bool = False  # a claim could judge it, and none does yet


def read(entry: Traversable) -> tuple[Fact, ...]:
    """Read the facts from their file."""
    data = reading.table(reading.read(entry), entry.name, required=("fact",))
    made = tuple(_fact(item, entry.name) for item in reading.items(data["fact"], f"{entry.name}: fact"))
    reading.unique([one.id for one in made])
    return made


def join(claims: Collection[str], facts: Iterable[Fact]) -> None:
    """Raise :class:`CatalogueError` where a fact names a claim that there is not."""
    for fact in facts:
        for claim_id in fact.claims:
            if claim_id not in claims:
                near = reading.nearest(claim_id, claims)
                raise CatalogueError(f"facts.toml: {fact.id} names {claim_id!r}, which is no claim{near}.")


def _fact(value: object, name: str) -> Fact:
    where = f"{name}: fact {value.get('id', 'without id') if isinstance(value, Mapping) else value}"
    data = reading.table(value, where, required=("id", "says"), optional=("claims", "reason", "pending"))
    fact_id = reading.string(data["id"], f"{where}: id")
    if not re.fullmatch(r"[DN][1-9]\d?", fact_id):
        raise CatalogueError(f"{where}: the id must be D or N and a number, such as D9.")
    if sum(key in data for key in ("claims", "reason", "pending")) != 1 or data.get("pending", True) is not True:
        raise CatalogueError(f"{where} must have one of claims, reason and pending = true.")
    claims = reading.strings(data["claims"], f"{where}.claims") if "claims" in data else ()
    reading.unique(list(claims))
    return Fact(
        id=fact_id,
        says=reading.text(data["says"], f"{where}: says"),
        claims=claims,
        reason=reading.text(data["reason"], f"{where}.reason") if "reason" in data else None,
        pending="pending" in data,
    )
