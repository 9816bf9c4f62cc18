"""What a spec is written with: :func:`claim` says what it is about, :func:`judge` has its history judged.

>>> @claim("fanout/exactly-once-across-workers", level="must", source="Channels docs: Channel Layers", endpoint="group")
... async def test_every_member_hears_each_message_once(subject, endpoint): ...
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar, cast

import pytest
from _pytest.outcomes import Skipped  # pytest.skip.Exception, under the name that a type checker knows

from channels_conformance.checks import Check, Finding, flooded, turned_away
from channels_conformance.claims import load
from channels_conformance.history import History
from channels_conformance.limit import limited
from channels_conformance.names import SHRINKING

if TYPE_CHECKING:
    from channels_conformance.subject.profile import Endpoint
    from channels_conformance.traffic.player import Player

Need = Literal[
    "redis", "celery", "failing task", "stored task", "push", "several workers", "postgresql", "reference", "browser"
]
Evidence = Literal["accepted", "delivered", "stored", "refused", "none"]

Spec = TypeVar("Spec", bound=Callable[..., Any])


violated: list[History] = []
"""The histories that the spec which runs now was found violated by: empty until there is one."""

replayed: dict[str, Any] = {}
"""What the spec that runs now is to be given instead of what it would draw; empty: it draws."""


shrinking = SHRINKING
"""Seconds for which the spec that runs now may look for a smaller stream; 0: it looks for none.

What takes longer to play once is told as it was drawn.
"""


class Violation(AssertionError):  # noqa: N818 -- what was found in the subject is no error of ours
    """A history breaks a claim. Carries the findings and the history that they were found in."""

    def __init__(self, findings: Sequence[Finding], history: History) -> None:
        super().__init__("\n".join(finding.line() for finding in findings))
        violated.append(history)
        self.findings = tuple(findings)
        self.history = history
        self.drawn: dict[str, Any] = {}  # what the spec had drawn, by its arguments


class AsDrawn(BaseException):
    """A violation by a stream of which no smaller one is looked for: it takes too long to play, or is known.

    No ``Exception``, so that Hypothesis lets it pass at once; otherwise it would play the same stream twice more.
    """

    def __init__(self, violation: Violation) -> None:
        super().__init__(str(violation))
        self.violation = violation


class NotApplicable(Skipped):
    """What a spec is about does not exist in this subject, as only the spec itself could find out."""


class Deviation(BaseException):
    """A platform does otherwise than its specification says, and is known to.

    No ``Exception``, so that Hypothesis lets it pass at once: nobody needs a smaller stream that shows what is known.
    """


def not_applicable(reason: str) -> NoReturn:
    """Say, from within a spec, that its claim does not concern the subject, and why."""
    raise NotApplicable(reason)


def claim(
    *ids: str,
    level: Literal["must", "should", "info"],
    source: str,
    endpoint: str = "",
    needs: tuple[Need, ...] = (),
    evidence: Evidence = "accepted",
    first: bool = False,
    last: bool = False,
) -> Callable[[Spec], Spec]:
    """Declare which claims a spec is the executable form of, and what it needs.

    ``endpoint`` is what an endpoint must be for the spec to be about it, words of
    :data:`~channels_conformance.selection.ENDPOINTS` separated by spaces. The spec runs once for each that is, in its
    ``endpoint`` argument; with ``first``, for the first only, as suits a claim about servers. A spec with a ``server``
    argument runs once for each kind of server. ``evidence`` is what its histories must hold for a pass to mean
    anything. ``last`` puts it behind the others, for what must wait long.
    """
    mark = pytest.mark.conformance(
        ids=ids,
        level=level,
        source=source,
        endpoint=endpoint,
        needs=needs,
        evidence=evidence,
        first=first,
        last=last,
    )

    def declare(spec: Spec) -> Spec:
        inner = getattr(getattr(spec, "hypothesis", None), "inner_test", spec)
        if not inspect.iscoroutinefunction(inner):
            return cast("Spec", mark(spec))
        if inner is spec:
            return cast("Spec", pytest.mark.asyncio(loop_scope="session")(mark(limited(spec))))
        _keep_what_is_drawn(spec)
        return cast("Spec", pytest.mark.asyncio(loop_scope="session")(mark(spec)))

    return declare


def _keep_what_is_drawn(spec: Callable[..., Any]) -> None:
    """Have a generated spec note what it had drawn when it found its claim violated, and take what it is given."""
    handle = spec.hypothesis  # type: ignore[attr-defined]  # put there by given()
    inner, names = handle.inner_test, tuple(handle._given_kwargs)

    @wraps(inner)
    async def kept(**arguments: Any) -> None:
        arguments |= replayed
        began = time.monotonic()
        try:
            await inner(**arguments)
        except Violation as violation:
            violation.drawn = {name: arguments[name] for name in names}
            if time.monotonic() - began >= shrinking:
                raise AsDrawn(violation) from violation
            raise

    handle.inner_test = limited(kept)


def judge(history: History, *checks: Check) -> None:
    """Raise :class:`Violation` if any of the checks finds anything that is not a server's own doing."""
    if not checks:
        raise TypeError("judge() needs at least one check: a history judged by none always holds")
    # A play that a flood has cut short proves nothing else.
    findings = [finding for check in (flooded, *checks) for finding in check(history)]
    # What a server loses or adds by itself is never held against the subject; the claims about servers have their own
    # specs, which look at these findings.
    findings = [finding for finding in findings if finding.blame != "server"]
    if findings:
        raise Violation(findings, history)


def refused(endpoint: Endpoint, player: Player) -> Check:
    """Return the check that the player's intruders were refused as the profile says, and the others were not."""
    return partial(
        turned_away,
        barred=player.intruders,
        codes=endpoint.close_codes if endpoint.refusal == "close" else (),
        admits_all=endpoint.admits_all,
        told=endpoint.refusal == "in-band" and not endpoint.late,
    )


def judge_server(history: History, *checks: Check, claim: str, server: str) -> None:
    """Have a history of the scripted application judged, where nobody but the server can be to blame.

    Raises as :func:`judge_platform` does.
    """

    def of_the_server(history: History) -> list[Finding]:
        return [replace(finding, blame="server") for check in checks for finding in check(history)]

    judge_platform(history, of_the_server, claim=claim, platform=server)


def judge_platform(history: History, *checks: Check, claim: str, platform: str | Sequence[str]) -> None:
    """Have a history judged by a claim about a server or a layer, where a deviation may be on record.

    A layer that is made from another has more than one platform: whatever it inherits is not its own doing.

    Raises :class:`Deviation`, which the report shows as known, where ``deviations.toml`` accounts for every finding;
    :class:`Violation` where it does not. A subject's own findings are never excused.
    """
    findings = [finding for check in (flooded, *checks) for finding in check(history)]
    if not findings:
        return
    platforms = (platform,) if isinstance(platform, str) else platform
    found = [deviation for one in platforms for deviation in load().deviations_of(claim, platform=one)]
    for deviation in found:
        if all(finding.blame != "app" and finding.anomaly in deviation.excuses for finding in findings):
            raise Deviation(f"{deviation.statement.en} {deviation.issue}".strip())
    raise Violation(findings, history)


def judge_layer(history: History, *checks: Check, claim: str, platform: Sequence[str]) -> None:
    """Have a history judged in which a layer was spoken to directly, so that whatever is found is the layer's doing.

    Raises as :func:`judge_platform` does.
    """

    def of_the_layer(check: Check) -> Check:
        return lambda played: [replace(finding, blame="layer") for finding in check(played)]

    judge_platform(history, *map(of_the_layer, checks), claim=claim, platform=platform)
