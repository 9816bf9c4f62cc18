"""The catalogue of claims: one TOML file a chapter, each text in English and in Traditional Chinese.

Everything that is said of a claim is said once, here: the documentation, the list, the report and the study card are
drawn from it. Reading is strict. A misspelt key, a missing language or an id of another chapter is a
:class:`CatalogueError` of one sentence, since a catalogue that is read leniently is a catalogue that rots.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, cast, get_args

from channels_conformance.claims import facts, notes, reading
from channels_conformance.claims.facts import Fact
from channels_conformance.claims.notes import Notes, Statement
from channels_conformance.claims.reading import CatalogueError, Text

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Level = Literal["must", "should", "info"]
Scope = Literal["framework", "app", "layer", "server"]
Platform = Literal[
    "daphne",
    "uvicorn",
    "hypercorn",
    "granian",
    "channels",
    "channels-memory",
    "channels-redis",
    "channels-redis-pubsub",
    "redis-py",
    "channels-valkey",
    "channels-valkey-pubsub",
    "channels-nats",
    "channels-postgres",
    "channels-lite",
    "channels-sqlite",
]

_DEVIATIONS = "deviations.toml"
_NOTES = "notes.toml"
_FACTS = "facts.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What a learner is told: why it matters, a question, a hint, the answer, and where to read on."""

    why: Text
    question: Text
    hint: Text
    answer: Text
    read: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence that can be true or false of a subject, and all that is said of it."""

    id: str
    level: Level
    scope: Scope
    statement: Text
    source: tuple[str, ...]
    notes: Notes
    study: Study

    @property
    def chapter(self) -> str:
        """The chapter's id, the part of the claim's id before the slash."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """The claims that one spec file judges, in the order in which they are best read."""

    id: str
    order: int
    title: Text
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Where a platform itself breaks a claim, so that no application can be blamed for it."""

    id: str
    platform: Platform
    versions: str  # the versions on which it was seen
    claim: str
    statement: Text
    seen: Text
    issue: str  # the platform's own issue, empty where there is none
    reproduction: str = ""  # a script in the kit's repository that shows it by itself, empty where there is none
    excuses: tuple[str, ...] = ()  # the anomalies it accounts for; none: it explains a claim and excuses nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All chapters in reading order, the platforms' known deviations, what the notes say, and the facts it rests on."""

    chapters: tuple[Chapter, ...]
    deviations: tuple[Deviation, ...] = ()
    statements: tuple[Statement, ...] = ()
    facts: tuple[Fact, ...] = ()

    def __iter__(self) -> Iterator[Claim]:
        return (claim for chapter in self.chapters for claim in chapter.claims)

    def __len__(self) -> int:
        return sum(len(chapter.claims) for chapter in self.chapters)

    def __contains__(self, claim_id: object) -> bool:
        return any(claim.id == claim_id for claim in self)

    def claim(self, claim_id: str) -> Claim:
        """Return the claim of this id; raise :class:`CatalogueError`, with the nearest id, where there is none."""
        for claim in self:
            if claim.id == claim_id:
                return claim
        raise CatalogueError(
            f"There is no claim {claim_id!r}{reading.nearest(claim_id, [claim.id for claim in self], alike=0.3)}."
        )

    def chapter(self, chapter_id: str) -> Chapter:
        """Return the chapter of this id; raise :class:`CatalogueError`, with the nearest id, where there is none."""
        for chapter in self.chapters:
            if chapter.id == chapter_id:
                return chapter
        names = [chapter.id for chapter in self.chapters]
        raise CatalogueError(f"There is no chapter {chapter_id!r}{reading.nearest(chapter_id, names)}.")

    def statement(self, statement_id: str) -> Statement:
        """Return the statement of the notes of this id; raise :class:`CatalogueError` where there is none."""
        for statement in self.statements:
            if statement.id == statement_id:
                return statement
        ids = [statement.id for statement in self.statements]
        raise CatalogueError(
            f"The notes have no statement {statement_id!r}{reading.nearest(statement_id, ids, alike=0.3)}."
        )

    def fact(self, fact_id: str) -> Fact:
        """Return the fact of this id; raise :class:`CatalogueError` where there is none."""
        for fact in self.facts:
            if fact.id == fact_id:
                return fact
        near = reading.nearest(fact_id, [fact.id for fact in self.facts], alike=0.3)
        raise CatalogueError(f"There is no fact {fact_id!r}{near}.")

    def deviations_of(self, claim_id: str, *, platform: str | None = None) -> tuple[Deviation, ...]:
        """Return the known deviations from a claim, of one platform where it is named."""
        return tuple(
            deviation
            for deviation in self.deviations
            if deviation.claim == claim_id and platform in (None, deviation.platform)
        )


def load(folder: Traversable | None = None) -> Catalogue:
    """Read the catalogue, from ``folder`` or else the one that the kit ships.

    Raise :class:`CatalogueError` where a file is not as it must be.
    """
    return _shipped() if folder is None else _read(folder)


@cache  # specs ask for it again and again, and nobody changes it
def _shipped() -> Catalogue:
    return _read(files(__package__))


def _read(folder: Traversable) -> Catalogue:
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    chapters = [_chapter(entry) for entry in found if entry.name not in (_DEVIATIONS, _NOTES, _FACTS)]
    if not chapters:
        raise CatalogueError("The catalogue's folder holds no chapter.")
    orders: dict[int, str] = {}
    for chapter in chapters:
        if chapter.order in orders:
            raise CatalogueError(f"Chapters {orders[chapter.order]} and {chapter.id} both have order {chapter.order}.")
        orders[chapter.order] = chapter.id
    catalogue = Catalogue(chapters=tuple(sorted(chapters, key=lambda chapter: chapter.order)))
    deviations = [_deviations(entry, catalogue) for entry in found if entry.name == _DEVIATIONS]
    said = [one for entry in found if entry.name == _NOTES for one in notes.statements(entry)]
    notes.join({claim.id: claim.notes for claim in catalogue}, said)
    known = [one for entry in found if entry.name == _FACTS for one in facts.read(entry)]
    facts.join([claim.id for claim in catalogue], known)
    return Catalogue(
        chapters=catalogue.chapters,
        deviations=tuple(one for some in deviations for one in some),
        statements=tuple(said),
        facts=tuple(known),
    )


def _chapter(entry: Traversable) -> Chapter:
    chapter_id = entry.name.removesuffix(".toml")
    data = reading.table(reading.read(entry), entry.name, required=("order", "title", "claim"))
    if type(data["order"]) is not int:
        raise CatalogueError(f"{entry.name}: order must be a whole number.")
    claims = tuple(_claim(item, chapter_id) for item in reading.items(data["claim"], f"{entry.name}: claim"))
    reading.unique([claim.id for claim in claims])
    return Chapter(
        id=chapter_id, order=data["order"], title=reading.text(data["title"], f"{entry.name}: title"), claims=claims
    )


def _claim(value: object, chapter: str) -> Claim:
    where = f"{chapter}.toml: claim {value.get('id', 'without id') if isinstance(value, Mapping) else value}"
    data = reading.table(value, where, required=("id", "level", "scope", "statement", "source", "notes", "study"))
    claim_id = reading.string(data["id"], f"{where}: id")
    if not claim_id.startswith(f"{chapter}/"):
        raise CatalogueError(f"{where}: the id must start with {chapter + '/'!r}.")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim_id.removeprefix(f"{chapter}/")):
        raise CatalogueError(f"{where}: after the slash the id must be lower-case words joined by hyphens.")
    return Claim(
        id=claim_id,
        level=cast("Level", reading.word(data["level"], f"{claim_id}: level", get_args(Level))),
        scope=cast("Scope", reading.word(data["scope"], f"{claim_id}: scope", get_args(Scope))),
        statement=reading.text(data["statement"], f"{claim_id}: statement"),
        source=reading.strings(data["source"], f"{claim_id}: source"),
        notes=notes.of_claim(data["notes"], claim_id),
        study=_study(data["study"], claim_id),
    )


def _study(value: object, claim_id: str) -> Study:
    where = f"{claim_id}: study"
    data = reading.table(value, where, required=("why", "question", "hint", "answer", "read"))
    texts = {key: reading.text(data[key], f"{where}.{key}") for key in ("why", "question", "hint", "answer")}
    return Study(**texts, read=reading.strings(data["read"], f"{where}.read"))


def _deviations(entry: Traversable, catalogue: Catalogue) -> tuple[Deviation, ...]:
    data = reading.table(reading.read(entry), entry.name, required=("deviation",))
    made = []
    for item in reading.items(data["deviation"], f"{entry.name}: deviation"):
        where = f"{entry.name}: deviation {item.get('id', 'without id') if isinstance(item, Mapping) else item}"
        keys = ("id", "platform", "versions", "claim", "statement", "seen")
        one = reading.table(item, where, required=keys, optional=("issue", "reproduction", "excuses"))
        claim = reading.string(one["claim"], f"{where}: claim")
        try:
            catalogue.claim(claim)
        except CatalogueError as error:
            raise CatalogueError(f"{where}: {error}") from None
        made.append(
            Deviation(
                id=reading.string(one["id"], f"{where}: id"),
                platform=cast("Platform", reading.word(one["platform"], f"{where}: platform", get_args(Platform))),
                versions=reading.string(one["versions"], f"{where}: versions"),
                claim=claim,
                statement=reading.text(one["statement"], f"{where}: statement"),
                seen=reading.text(one["seen"], f"{where}: seen"),
                issue=reading.string(one["issue"], f"{where}: issue") if "issue" in one else "",
                reproduction=(
                    reading.string(one["reproduction"], f"{where}: reproduction") if "reproduction" in one else ""
                ),
                excuses=reading.strings(one["excuses"], f"{where}: excuses") if "excuses" in one else (),
            )
        )
    reading.unique([deviation.id for deviation in made])
    return tuple(made)
