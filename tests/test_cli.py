"""The verbs that read the catalogue."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from channels_conformance import claims
from channels_conformance.cli import main


def call(*arguments: str) -> Result:
    """Return what the command prints, and its exit code."""
    return CliRunner().invoke(main, arguments)


def listed(result: Result) -> list[str]:
    """Return the ids of the claims that were listed."""
    return [line.split()[0] for line in result.output.splitlines() if line.startswith("  ")]


def test_claims_lists_the_whole_catalogue() -> None:
    """Each claim has a line, under the title of its chapter."""
    result = call("claims")

    assert result.exit_code == 0
    assert listed(result) == [claim.id for claim in claims.load()]
    assert "The life of a connection" in result.output


@pytest.mark.parametrize(
    ("arguments", "fits"),
    [
        (("--chapter", "auth", "--chapter", "orm"), lambda claim: claim.chapter in ("auth", "orm")),
        (("--level", "should"), lambda claim: claim.level == "should"),
        (("--scope", "layer"), lambda claim: claim.scope == "layer"),
        (("--notes", "refuted"), lambda claim: claim.notes.verdict == "refuted"),
        (
            ("--notes", "silent", "--chapter", "fanout"),
            lambda claim: claim.notes.verdict == "silent" and claim.chapter == "fanout",
        ),
    ],
)
def test_filters_narrow_the_list(arguments: tuple[str, ...], fits: object) -> None:
    """What is listed is what fits all filters, and nothing else."""
    assert callable(fits)
    expected = {claim.id for claim in claims.load() if fits(claim)}

    found = listed(call("claims", *arguments))

    assert set(found) == expected
    assert 0 < len(found) < len(claims.load())


def test_claims_speaks_traditional_chinese() -> None:
    """Titles and statements come in the language asked for."""
    result = call("claims", "--lang", "zh-Hant", "--chapter", "auth")

    chapter = claims.load().chapter("auth")
    assert result.output.splitlines()[0] == chapter.title.zh_hant
    assert all(claim.statement.zh_hant in result.output for claim in chapter.claims)


def test_the_table_of_the_notes_is_narrowed_as_well() -> None:
    """By the verdict on a statement, and by the claims that judge it."""
    every = call("claims", "--of-notes").output.splitlines()
    refuted = call("claims", "--of-notes", "--notes", "refuted").output.splitlines()
    celery = call("claims", "--of-notes", "--chapter", "celery").output.splitlines()

    assert (len(every), len(refuted)) == (113, 27)
    assert all("celery/" in row for row in celery[2:])
    assert 2 < len(celery) < len(every)


def test_markdown_writes_the_document() -> None:
    """The catalogue comes as one text that begins with its title."""
    result = call("claims", "--markdown", "--chapter", "routing")

    assert result.exit_code == 0
    assert result.output.startswith("# The claims of channels-conformance\n")
    assert "### routing/any-admitted-path-is-survived" in result.output


def test_explain_shows_one_card() -> None:
    """A claim's id gives its card, in either language; a statement's id what is so of it."""
    claim = claims.load().claim("auth/anonymous-is-refused")

    assert claim.study.answer.en in call("explain", claim.id).output
    assert claim.study.answer.zh_hant in call("explain", claim.id, "--lang", "zh-Hant").output
    assert call("explain", "C-84").output.startswith("C-84 (refuted)\n")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("explain", "idle-connection"), 4, "did you mean 'lifecycle/idle-connection-lives'."),
        (("explain", "C-112"), 4, "The notes have no statement 'C-112'; did you mean 'C-12'."),
        (("claims", "--chapter", "lifecycel"), 4, "There is no chapter 'lifecycel'; did you mean 'lifecycle'."),
        (("claims", "--chapter", "auth", "--level", "info"), 1, "No claim fits all of these filters; leave one out."),
        (("claims", "--of-notes", "--notes", "silent"), 1, "No claim fits all of these filters; leave one out."),
        (("claims", "--of-notes", "--markdown"), 2, "give one of the two."),
        (("list",), 2, "No such command 'list'"),
    ],
)
def test_what_does_not_exist_is_answered_in_a_sentence(arguments: tuple[str, ...], code: int, sentence: str) -> None:
    """A wrong id or filter says what to write instead."""
    result = call(*arguments)

    assert result.exit_code == code
    assert sentence in result.output
