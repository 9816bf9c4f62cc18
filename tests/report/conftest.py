"""A small catalogue and the makings of a run."""

from __future__ import annotations

from typing import Any

import pytest

from channels_conformance.claims import Catalogue, Chapter, Claim, Notes, Study, Text
from channels_conformance.report.verdicts import Facts, Outcome, Verdict


def _claim(claim_id: str) -> Claim:
    text = Text(f"{claim_id} is so.", f"{claim_id} 成立。")
    return Claim(
        id=claim_id,
        level="must",
        scope="app",
        statement=text,
        source=("notes §1",),
        notes=Notes(verdict="silent"),
        study=Study(why=text, question=text, hint=text, answer=text, read=("https://example.org/",)),
    )


@pytest.fixture
def catalogue() -> Catalogue:
    """Return two chapters, of two claims and of one."""
    tea, ale = ["tea/is-hot", "tea/is-sweet"], ["ale/is-cold"]
    return Catalogue(
        chapters=(
            Chapter(id="tea", order=1, title=Text("Tea", "茶"), claims=tuple(_claim(one) for one in tea)),
            Chapter(id="ale", order=2, title=Text("Ale", "麥酒"), claims=tuple(_claim(one) for one in ale)),
        )
    )


@pytest.fixture
def facts() -> Facts:
    """Return what a run ran on, a password included."""
    return Facts(
        subject="tearoom",
        root="/srv/tearoom",
        redis="redis://:hunter2@127.0.0.1:6379/0 (7.0.15)",
        layer="channels_redis.core.RedisChannelLayer",
        servers=("daphne-1", "uvicorn-2"),
        versions={"django": "5.2"},
    )


class Make:
    """Makes outcomes of few words."""

    @staticmethod
    def outcome(claims: str, verdict: Verdict, *, spec: str = "", **more: Any) -> Outcome:
        """Return an outcome for these claims, a reason added where the verdict asks for one."""
        if verdict not in (Verdict.HOLDS, Verdict.VIOLATED):
            more.setdefault("reason", f"it is {verdict}")
        return Outcome(
            spec=spec or f"specs/test_{claims.replace('/', '_').replace(' ', '_')}_{verdict.name}",
            claims=tuple(claims.split()),
            verdict=verdict,
            **more,
        )


@pytest.fixture
def make() -> type[Make]:
    """Return the maker of outcomes."""
    return Make
