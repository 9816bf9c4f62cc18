"""Verdicts: what one spec found, and what a whole run amounts to.

An :class:`Outcome` is what a spec leaves behind; it is plain data, because it travels between processes when specs run
in parallel. A :class:`Summary` weighs the outcomes claim by claim. It counts whatever did *not* run as carefully as
what did: a run that judged little must not look like a run that found little.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from channels_conformance.claims import Catalogue, Chapter, Claim


class Verdict(StrEnum):
    """What is said of a claim. The order is the order of weight: where specs differ, the heaviest stands."""

    VIOLATED = "violated"
    UNPROVEN = "unproven"  # what the spec needs was not there, or the kit itself failed
    KNOWN = "known"  # broken, and declared so with a reason, by the profile or as a platform's deviation
    HOLDS = "holds"
    NOT_APPLICABLE = "not applicable"  # the profile does not declare what the claim is about

    @property
    def judged(self) -> bool:
        """Whether a spec ran to its end."""
        return self in (Verdict.VIOLATED, Verdict.KNOWN, Verdict.HOLDS)


FAILING: Final = ("must", "should")
"""The levels whose violation may fail a run, the weightier first."""

_WEIGHT = {verdict: place for place, verdict in enumerate(Verdict)}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the heaviest of the verdicts; raise ``ValueError`` where there is none."""
    return min(verdicts, key=_WEIGHT.__getitem__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one spec left behind. Raises ``ValueError`` where it names no claim, or gives no reason where it must.

    A finding is a mapping with at least ``sentence``, and usually ``anomaly``, ``connection`` and ``blame``.
    """

    spec: str  # the pytest node id
    claims: tuple[str, ...]
    verdict: Verdict
    reason: str = ""  # why it is known, not applicable or unproven
    findings: tuple[Mapping[str, Any], ...] = ()
    seconds: float = 0.0
    transcript: tuple[str, ...] = ()  # what was said and heard, a line an event
    events: tuple[Mapping[str, Any], ...] = ()  # the same as data, for the picture: see transcript.rows()
    drawn: Mapping[str, Any] = field(default_factory=dict)  # what it had drawn, as data: see traffic.stored
    script: tuple[str, ...] = ()  # the smallest stream found that breaks the claim, a line a step
    server_traceback: str = ""
    repeat: str = ""  # the shell command that runs this spec again
    accepted: int = 0  # connections accepted, over all histories
    delivered: int = 0  # messages delivered, over all histories
    examples: int = 0  # histories that were played and judged
    parameters: Mapping[str, str] = field(default_factory=dict)  # which endpoint, server or layer it was run for

    def __post_init__(self) -> None:
        if not self.claims:
            raise ValueError(f"{self.spec} names no claim, so that its verdict would be counted nowhere.")
        if self.verdict in (Verdict.KNOWN, Verdict.NOT_APPLICABLE, Verdict.UNPROVEN) and not self.reason:
            raise ValueError(f"{self.spec} is {self.verdict} without a reason.")

    def to_data(self) -> dict[str, Any]:
        """Return the outcome as JSON-able data."""
        data = dataclasses.asdict(self)
        for name, value in data.items():
            if isinstance(value, tuple):
                data[name] = list(value)
        return data | {"verdict": self.verdict.value}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Outcome:
        """Return the outcome that :meth:`to_data` wrote."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        return cls(**{**values, "verdict": Verdict(data["verdict"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was judged, and on what it ran."""

    subject: str
    root: str
    redis: str = ""  # which Redis, in words; empty: none was found
    layer: str = ""
    servers: tuple[str, ...] = ()
    database: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimResult:
    """The verdict on one claim, the heaviest of its specs, and the reasons given with that verdict."""

    claim: Claim
    verdict: Verdict
    reasons: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterResult:
    """The verdicts on the claims of one chapter."""

    chapter: Chapter
    results: tuple[ClaimResult, ...]
    seconds: float  # spent in the chapter's specs, each counted once

    def count(self, *verdicts: Verdict) -> int:
        """Return how many claims have one of these verdicts."""
        return sum(result.verdict in verdicts for result in self.results)

    @property
    def applicable(self) -> int:
        """How many claims concern this subject."""
        return len(self.results) - self.count(Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run amounts to. ``vacuous`` holds the reasons, if any, why its green would mean nothing."""

    facts: Facts
    chapters: tuple[ChapterResult, ...]
    outcomes: tuple[Outcome, ...]
    vacuous: tuple[str, ...] = ()
    fail_on: str = "should"  # the lowest level whose violation fails the run

    @classmethod
    def of(
        cls,
        outcomes: Iterable[Outcome],
        catalogue: Catalogue,
        facts: Facts,
        selected: Collection[str] | None = None,
        *,
        claims: Collection[str] | None = None,
        claimed: Collection[str] | None = None,
        floor: Mapping[str, int] | None = None,
        stale_exclusions: Iterable[str] = (),
        fail_on: str = "should",
    ) -> Summary:
        """Weigh the outcomes.

        ``selected`` are the chapters that were run (default: all), ``claims`` the claims where the run was narrowed
        further. ``claimed`` are the chapters that must have judged something (default: those selected). ``floor`` is
        the recorded number of specs of each chapter below which a run is vacuous, ``fail_on`` the lowest level whose
        violation fails it. A claim that no spec took up is unproven. Raise
        :class:`~channels_conformance.claims.CatalogueError` for an id that the catalogue does not hold.
        """
        outcomes = tuple(sorted(outcomes, key=lambda outcome: outcome.spec))
        by_claim: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            for claim_id in outcome.claims:
                by_claim.setdefault(catalogue.claim(claim_id).id, []).append(outcome)
        wanted = {chapter.id for chapter in catalogue.chapters} if selected is None else set(selected)
        for chapter_id in wanted:
            catalogue.chapter(chapter_id)
        narrowed = None if claims is None else {catalogue.claim(claim_id).id for claim_id in claims}
        chapters = []
        for chapter in catalogue.chapters:
            shown = [
                claim
                for claim in chapter.claims
                if claim.id in by_claim or (chapter.id in wanted and (narrowed is None or claim.id in narrowed))
            ]
            if shown:
                chapters.append(
                    _chapter_result(chapter, [_claim_result(one, by_claim.get(one.id, ())) for one in shown])
                )
        must_judge = wanted if claimed is None else set(claimed) & wanted
        return cls(
            facts=facts,
            chapters=tuple(chapters),
            outcomes=outcomes,
            fail_on=fail_on,
            vacuous=(
                *(() if chapters else ("No spec ran.",)),
                *(_empty_chapter(one) for one in chapters if one.chapter.id in must_judge and _ran_nothing(one)),
                *(why for one in chapters if (why := _below_floor(one, (floor or {}).get(one.chapter.id, 0)))),
                *(f"The exclusion {exclusion!r} matched nothing; remove it." for exclusion in stale_exclusions),
            ),
        )

    def count(self, *verdicts: Verdict) -> int:
        """Return how many claims have one of these verdicts."""
        return sum(chapter.count(*verdicts) for chapter in self.chapters)

    @property
    def applicable(self) -> int:
        """How many claims concern this subject."""
        return sum(chapter.applicable for chapter in self.chapters)

    @property
    def results(self) -> tuple[ClaimResult, ...]:
        """The results of all claims, in the catalogue's order."""
        return tuple(result for chapter in self.chapters for result in chapter.results)

    @property
    def seconds(self) -> float:
        """Seconds spent in specs, added up; less than this passed where they ran in parallel."""
        return sum(outcome.seconds for outcome in self.outcomes)

    @property
    def forgiven(self) -> bool:
        """Whether claims are violated, and none of a level that fails the run."""
        return self.count(Verdict.VIOLATED) > 0 and not self._fails

    @property
    def _fails(self) -> bool:
        failing = FAILING[: FAILING.index(self.fail_on) + 1]
        return any(result.verdict is Verdict.VIOLATED and result.claim.level in failing for result in self.results)

    @property
    def exit_code(self) -> int:
        """1: what is violated fails the run, or the run is vacuous; 6: something is unproven; 0: all is well."""
        if self.vacuous or self._fails:
            return 1
        return 6 if self.count(Verdict.UNPROVEN) else 0


def _claim_result(claim: Claim, outcomes: Collection[Outcome]) -> ClaimResult:
    if not outcomes:
        return ClaimResult(
            claim=claim, verdict=Verdict.UNPROVEN, reasons=("no spec of this run judged it",), outcomes=()
        )
    verdict = worst(outcome.verdict for outcome in outcomes)
    reasons = (outcome.reason for outcome in outcomes if outcome.verdict is verdict and outcome.reason)
    return ClaimResult(claim=claim, verdict=verdict, reasons=tuple(dict.fromkeys(reasons)), outcomes=tuple(outcomes))


def _chapter_result(chapter: Chapter, results: list[ClaimResult]) -> ChapterResult:
    specs = {outcome.spec: outcome.seconds for result in results for outcome in result.outcomes}
    return ChapterResult(chapter=chapter, results=tuple(results), seconds=sum(specs.values()))


def _ran_nothing(result: ChapterResult) -> bool:
    # A chapter whose specs could not run for want of a service is unproven, which is said elsewhere: not vacuous.
    outcomes = [outcome for one in result.results for outcome in one.outcomes]
    return all(outcome.verdict is Verdict.NOT_APPLICABLE for outcome in outcomes)


def _empty_chapter(result: ChapterResult) -> str:
    return f"The chapter {result.chapter.id} is claimed, but none of its specs ran."


def _below_floor(result: ChapterResult, floor: int) -> str:
    verdicts = {outcome.spec: outcome.verdict for one in result.results for outcome in one.outcomes}
    ran = sum(verdict.judged for verdict in verdicts.values())
    if ran >= floor or Verdict.UNPROVEN in verdicts.values():
        return ""
    return f"Only {ran} of at least {floor} specs of {result.chapter.id} ran, the number recorded for this subject."
