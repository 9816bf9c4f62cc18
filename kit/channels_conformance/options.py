"""What a run is asked for, by the command or by pytest: checked, and then which claims, served how, and what fails."""

from __future__ import annotations

import importlib.util
import shlex
from argparse import Namespace
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Self, cast, get_args

from channels_conformance.claims import Catalogue, Claim, Level
from channels_conformance.names import DEADLINE, SHRINKING
from channels_conformance.report.verdicts import FAILING, Outcome
from channels_conformance.selection import About
from channels_conformance.subject.layers import AskedLayer, LayerWrong
from channels_conformance.subject.profile import Profile, ServerKind

LONGEST = 60
"""The most seconds that one thing can be waited for, or a smaller stream looked for: a spec ends after minutes."""


class OptionError(Exception):
    """An option cannot be used; the message says which, and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options that select, serve and weigh. Everything else is handed on as it is."""

    claims: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # the chapters that are left out
    endpoints: tuple[str, ...] = ()  # empty: all; what is about none of them is judged in any case
    level: Level = "info"  # the lowest that is judged
    servers: tuple[ServerKind, ...] = ()  # empty: those of the profile
    workers: int = 0  # 0: as many as the profile has
    fail_on: Level = "should"  # the lowest whose violation fails the run
    layers: tuple[AskedLayer, ...] = ()  # empty: those of the subject, and of Channels beside the reference app's
    deadline: float = DEADLINE  # seconds for which an answer is waited for
    shrinking: float = SHRINKING  # seconds for which a smaller stream is looked for
    by_pytest: bool = False  # pytest was given a -k or -m, which leaves out specs as well

    @classmethod
    def read(cls, options: Namespace, catalogue: Catalogue) -> Self:
        """Return what was asked for; raise :class:`OptionError`, or ``CatalogueError`` for an unknown id."""
        asked = cls(
            claims=tuple(catalogue.claim(claim_id).id for claim_id in options.claim),
            chapters=tuple(catalogue.chapter(chapter).id for chapter in options.chapter),
            without=tuple(catalogue.chapter(chapter).id for chapter in options.without),
            endpoints=tuple(dict.fromkeys(options.endpoint)),
            level=_level("--level", options.level or "info", get_args(Level)),
            servers=tuple(dict.fromkeys(_server(kind) for kind in options.server)),
            workers=0 if options.workers is None else _workers(options.workers),
            fail_on=_level("--fail-on", options.fail_on or "should", FAILING),
            layers=_layers(options.layer),
            deadline=_seconds("--deadline", options.deadline, least=1),
            shrinking=_seconds("--shrinking", options.shrinking, least=0),
            by_pytest=bool(getattr(options, "keyword", "") or getattr(options, "markexpr", "")),
        )
        if not any(asked.includes(claim) for claim in catalogue):
            raise OptionError(
                f"No claim is left by {' and '.join(asked._words())}: `channels-conformance claims` tells the level "
                "and chapter of each. Leave one of the options out."
            )
        return asked

    @property
    def narrowed(self) -> bool:
        """Whether fewer specs can run than there are."""
        return self.thinned or bool(self.chapters or self.without)

    @property
    def thinned(self) -> bool:
        """Whether fewer specs of a chapter can run than the profile's floor counts."""
        left_out = self.claims or self.endpoints or self.level != "info" or self.by_pytest
        return bool(left_out or self.servers or self.workers or self.layers)

    def includes(self, claim: Claim) -> bool:
        """Return whether a claim is asked for."""
        return (
            (not self.claims or claim.id in self.claims)
            and (not self.chapters or claim.chapter in self.chapters)
            and claim.chapter not in self.without
            and at_least(claim.level, self.level)
        )

    def told(self, catalogue: Catalogue) -> set[str] | None:
        """Return the chapters that the run tells of; None: all there are."""
        if not (self.chapters or self.without):
            return None
        return set(self.chapters or (chapter.id for chapter in catalogue.chapters)) - set(self.without)

    def wants(self, about: About, catalogue: Catalogue, endpoint: str | None = None) -> bool:
        """Return whether a spec judges a claim that is asked for, on an endpoint that is, if it is about one."""
        if self.endpoints and endpoint is not None and endpoint not in self.endpoints:
            return False
        return any(self.includes(catalogue.claim(claim_id)) for claim_id in about.ids)

    def shown(self, catalogue: Catalogue, outcomes: Iterable[Outcome]) -> set[str] | None:
        """Return the claims that the run must tell of; None: all those of its chapters."""
        if self.claims or self.level != "info":
            return {claim.id for claim in catalogue if self.includes(claim)}
        thinned = self.by_pytest or self.endpoints
        return {claim_id for outcome in outcomes for claim_id in outcome.claims} if thinned else None

    def served(self, profile: Profile) -> Profile:
        """Return the profile with the servers and the number of workers that are asked for.

        Raises :class:`OptionError` where these do not go together, or an endpoint is asked for that it does not have.
        """
        names = tuple(endpoint.name for endpoint in profile.endpoints)
        for asked in self.endpoints:
            if asked not in names:
                raise OptionError(f"--endpoint {asked} is none of the project's: write {_either('--endpoint', names)}.")
        servers = self.servers or profile.servers
        workers = self.workers or (profile.workers and max(profile.workers, len(servers)))
        if self.workers and self.workers < len(servers):
            raise OptionError(
                f"--workers {workers} leaves no process for {servers[-1]}: write --workers {len(servers)}, or name "
                f"fewer servers, as in --server {servers[0]}."
            )
        return replace(profile, servers=servers, workers=workers)

    def exclusions(self, known: Collection[str], outcomes: Iterable[Outcome]) -> list[str]:
        """Return the known failures that did not fail where they should have."""
        # One may be of the very server, number of them or endpoint that was left out.
        if self.servers or self.workers or self.layers or self.endpoints:
            return []
        found = [(outcome.verdict, claim_id) for outcome in outcomes for claim_id in outcome.claims]
        judged = {claim_id for verdict, claim_id in found if verdict.judged}
        broken = {claim_id for verdict, claim_id in found if verdict == "known"}
        return [claim_id for claim_id in known if claim_id in judged - broken]

    def repeat(self, about: About, *, subject: str, fault: str | None, examples: int, layer: str = "") -> str:
        """Return the command that judges a spec's claim again, on the same subject served the same way.

        ``layer`` is the channel layer that the spec was about, if any.
        """
        words = ["channels-conformance", "run", "--subject", subject]
        for claim_id in about.ids[:1]:
            words += ["--claim", claim_id]
        if fault:
            words += ["--fault", fault]
        if examples:
            words += ["--examples", str(examples)]
        if self.deadline != DEADLINE:
            words += ["--deadline", f"{self.deadline:g}"]
        for endpoint in self.endpoints:
            words += ["--endpoint", endpoint]
        for server in self.servers:
            words += ["--server", server]
        if self.workers:
            words += ["--workers", str(self.workers)]
        for one in self.layers:
            if one.path == layer:
                words += ["--layer", one.text]
        return shlex.join(words)

    def _words(self) -> list[str]:
        words = [*(f"--claim {one}" for one in self.claims), *(f"--chapter {one}" for one in self.chapters)]
        words += [f"--without {one}" for one in self.without]
        return [*words, f"--level {self.level}"] if self.level != "info" else words


def at_least(level: str, limit: str) -> bool:
    """Return whether a level is as weighty as another, or more so."""
    order = get_args(Level)
    return bool(order.index(level) <= order.index(limit))


def _level(option: str, word: str, words: tuple[str, ...]) -> Level:
    if word not in words:
        raise OptionError(f"{option} {word} is no level: write {_either(option, words)}.")
    return cast("Level", word)


def _seconds(option: str, seconds: float, *, least: int) -> float:
    if not least <= seconds <= LONGEST:
        raise OptionError(f"{option} {seconds:g} is too short or too long: write {option} {least} to {LONGEST}.")
    return seconds


def _server(kind: str) -> ServerKind:
    if kind not in get_args(ServerKind):
        raise OptionError(f"--server {kind} is no server of ours: write {_either('--server', get_args(ServerKind))}.")
    if importlib.util.find_spec(kind) is None:
        raise OptionError(f"--server {kind} is not installed here: run `pip install {kind}`, or leave it out.")
    return cast("ServerKind", kind)


def _layers(texts: Iterable[str]) -> tuple[AskedLayer, ...]:
    try:
        found = tuple(AskedLayer.read(text) for text in texts)
    except LayerWrong as error:
        raise OptionError(str(error)) from None
    paths = [layer.path for layer in found]
    if twice := next((path for path in paths if paths.count(path) > 1), ""):
        raise OptionError(f"--layer {twice} is given twice: judge it with other settings in a run of its own.")
    return found


def _workers(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise OptionError(f"--workers {text} is no number of processes: write --workers 2, say.")
    return int(text)


def _either(option: str, words: tuple[str, ...]) -> str:
    return " or ".join(f"{option} {word}" for word in words)
