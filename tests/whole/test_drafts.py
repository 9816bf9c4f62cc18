"""What ``init`` writes of a project that it knows nothing of, and what ``smoke`` says of a profile that is wrong."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.whole.conftest import typed
from tests.whole.test_plugged import PLUGGED, PROJECTS, missing

TOLD = ("hears", "enter", "refusal", "binary", "echoes", "stores")
"""What an endpoint's semantics are made of; what is said and how it is wrapped is tried by ``smoke``."""

GUESSED = {"arcade", "auction", "helpdesk", "kanban", "ledger", "parlor", "whiteboard"}
"""The projects whose users sign in by Django's own session, or not at all. Nobody can make up the others' tokens."""


def bare(project: str, folder: Path) -> Path:
    """Copy a project without what it says of itself."""
    ignored = shutil.ignore_patterns("conformance*", "__pycache__")
    return Path(shutil.copytree(PLUGGED / project, folder / project, ignore=ignored))


def semantics(endpoint: dict[str, Any]) -> dict[str, Any]:
    """Return what two profiles of an endpoint must agree in, however it is written."""
    told = {key: endpoint[key] for key in TOLD if key in endpoint}
    if isinstance(told.get("stores"), str):
        model, _, text = told["stores"].rpartition(".")
        told["stores"] = {"model": model, "text": text}
    if "stores" in told:
        told["stores"] = {key: told["stores"][key] for key in ("model", "text")}
    told.setdefault("enter", "anyone")
    told.setdefault("refusal", "reject")
    return told


@pytest.mark.parametrize("project", PROJECTS)
def test_init_writes_what_can_be_found_out(project: str, tmp_path: Path) -> None:
    """Unedited, the draft has the semantics right wherever a user can be signed in; elsewhere it says what it lacks."""
    missing(project)
    root = bare(project, tmp_path)

    code, told = typed("init", cwd=root)

    assert code == 0, told
    text = (root / "conformance.toml").read_text()
    drafted = list(tomllib.loads(text)["endpoints"].values())
    written = list(tomllib.loads((PLUGGED / project / "conformance.toml").read_text())["endpoints"].values())
    if project in GUESSED:
        assert list(map(semantics, drafted)) == list(map(semantics, written)), text
        assert typed("smoke", cwd=root)[0] == 0
    else:
        assert "# Nobody was let in" in text or "# Nothing that was tried was heard by anybody" in text


def test_two_thirds_are_guessed() -> None:
    """Enough is found out for the verb to be worth its name."""
    assert len(GUESSED) / len(PROJECTS) >= 2 / 3


def test_init_writes_over_nothing(tmp_path: Path) -> None:
    """A profile that is there already stays as it is."""
    root = bare("whiteboard", tmp_path)
    (root / "conformance.toml").write_text("settings = 'settings'\n")

    code, told = typed("init", cwd=root)

    assert code == 4
    assert "conformance.toml is there already, and is left as it is" in told
    assert (root / "conformance.toml").read_text() == "settings = 'settings'\n"


@pytest.mark.parametrize("project", PROJECTS)
def test_smoke_finds_nothing_wrong_with_a_right_profile(project: str) -> None:
    """Every setting of a profile that is right fits."""
    missing(project)

    code, told = typed("smoke", cwd=PLUGGED / project)

    assert (code, told.startswith("+ Every setting was tried and fits")) == (0, True), told


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('path = "/ws/tickets/{ticket}/"', 'path = "/ws/ticket/{ticket}/"', "is no route of the project"),
        ('enter = "authenticated"', 'enter = "anyone"', 'write enter = "authenticated"'),
        ('enter = "authenticated"', 'enter = "authenticated"\nrefusal = "close"', 'write refusal = "reject"'),
        ('{"body": "{text}"', '{"text": "{text}"', "and who said it never heard it"),
        ('hears = "group"', 'hears = "sender"', 'write hears = "group"'),
        ('text = "body"', 'text = "ticket__reference"', 'no row of tickets.Reply holds in "ticket__reference"'),
        ('text = "body"', 'text = "words"', "Cannot resolve keyword 'words' into field"),
        ('user = "author__username"', 'user = "author__email"', "look at user and audience"),
        ('model = "tickets.Reply"', 'model = "tickets.Answer"', 'stores names the model "tickets.Answer"'),
        ('enter = "authenticated"', 'enter = "authenticated"\nlongest_text = 30000', "longest_text = 30000"),
        (
            'enter = "authenticated"',
            'enter = "authenticated"\nclose_command = "bye {code}"',
            "close_command = 'bye {code}'",
        ),
        ('enter = "authenticated"', 'enter = "authenticated"\nechoes = true', "echoes = true"),
    ],
)
def test_smoke_names_each_wrong_setting(before: str, after: str, sentence: str, tmp_path: Path) -> None:
    """One setting that is wrong gets one sentence, worded as a mistake of the profile."""
    root = Path(shutil.copytree(PLUGGED / "helpdesk", tmp_path / "helpdesk"))
    profile = root / "conformance.toml"
    text = profile.read_text()
    assert text.count(before) == 1
    profile.write_text(text.replace(before, after))

    code, told = typed("smoke", cwd=root)

    assert (code, sentence in told) == (4, True), told
    assert "Traceback" not in told
    assert told.count("\nx ") + told.startswith("x ") <= 1
