"""The study card, the document and the table that are drawn from the catalogue."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from channels_conformance.claims import LANGUAGES, Catalogue, Language, Text, load
from channels_conformance.report import card, document
from channels_conformance.report.judges import judges
from channels_conformance.specfiles import specs_folder


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    """Return the catalogue that the kit ships."""
    return load()


def test_a_card_holds_all_that_is_said_of_a_claim(shipped: Catalogue) -> None:
    """Statement, source, the notes and whether they are right, the study in its order, and known deviations."""
    claim = shipped.claim("lifecycle/idle-connection-lives")

    told = card.lines(claim, shipped)

    assert told[:2] == ["lifecycle/idle-connection-lives (must)", f"  {claim.statement.en}"]
    assert [line.strip() for line in told if line.endswith(":")] == [
        "Level:",
        "Scope:",
        "Source:",
        "What the notes say:",
        "What is so:",
        "Why it matters:",
        "Question:",
        "Hint:",
        "Answer:",
        "Where to read:",
        "Known deviations:",
    ]
    assert "    qualified (C-04, C-43)" in told
    assert told[-1].startswith("    redis-py 8.0.0 and later, with channels-redis 4.3.0: ")
    assert told[-1].endswith(" django/channels_redis#422")


def test_a_card_says_that_the_notes_say_nothing(shipped: Catalogue) -> None:
    """Silence is told, and is no empty section."""
    told = card.lines(shipped.claim("auth/expired-session-is-refused"), shipped)

    assert told[told.index("  What the notes say:") + 1] == "    Nothing."


def test_a_card_is_in_one_language(shipped: Catalogue) -> None:
    """In Traditional Chinese every title and every text of the card is Chinese."""
    claim = shipped.claim("lifecycle/idle-connection-lives")

    told = "\n".join(card.lines(claim, shipped, "zh-Hant"))

    for text in (claim.statement, claim.notes.says, claim.notes.correction, claim.study.why, claim.study.answer):
        assert isinstance(text, Text)
        assert text.zh_hant in told
        assert text.en not in told
    assert not re.search(r"^  [A-Z][a-z ]+:$", told, re.MULTILINE)


@pytest.mark.parametrize(
    ("statement_id", "judge"),
    [
        ("C-04", "lifecycle/idle-connection-lives"),
        ("C-13", "It describes clients that use no Channels at all; there is no subject to judge."),
        ("C-16", "consumers/edit-of-an-old-revision-is-refused"),
    ],
)
def test_the_card_of_a_statement_tells_who_judges_it(shipped: Catalogue, statement_id: str, judge: str) -> None:
    """A claim, or why no program can."""
    told = card.statement(shipped.statement(statement_id))

    assert told[0] == f"{statement_id} ({shipped.statement(statement_id).verdict})"
    assert told[told.index("  Judged by:") + 1] == f"    {judge}"


def test_the_card_of_a_statement_that_nobody_judges_says_so(shipped: Catalogue) -> None:
    """That no spec judges it yet is told where its judges would be."""
    told = card.statement(replace(shipped.statement("C-13"), reason=None, pending=True))

    assert told[told.index("  Judged by:") + 1] == "    none yet"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_cell_of_the_table_is_empty(shipped: Catalogue, language: Language) -> None:
    """Every statement has a row of five cells, with something in each."""
    rows = document.table(shipped.statements, judges(specs_folder()), language)

    assert len(rows) == 2 + 111
    for row in rows:
        cells = re.split(r"(?<!\\)\|", row)
        assert len(cells) == 7, row
        assert all(cell.strip() for cell in cells[1:-1]), row


def test_a_row_names_the_specs_that_judge_its_statement(shipped: Catalogue) -> None:
    """The test functions are those of the spec files, each once."""
    (row,) = document.table([shipped.statement("C-43")], judges(specs_folder()))[2:]

    assert "| lifecycle/idle-connection-lives, configuration/layer-waits-are-not-cut-short |" in row
    assert row.count("test_an_idle_connection_lives") == 1


def test_judges_are_read_from_the_spec_files_themselves(tmp_path: Path) -> None:
    """A function is a judge by its decorator, sync or async; no file is imported."""
    tmp_path.joinpath("test_tea.py").write_text(
        'raise SystemExit\n@claim("tea/is-hot", "tea/is-sweet", level="must")\nasync def test_a(): ...\n'
        '@claim("tea/is-hot", level="must")\n@given(x)\ndef test_b(): ...\n@other("tea/is-cold")\ndef test_c(): ...\n'
    )

    assert judges(tmp_path) == {"tea/is-hot": ("test_a", "test_b"), "tea/is-sweet": ("test_a",)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_document_holds_every_claim_and_every_statement(shipped: Catalogue, language: Language) -> None:
    """Nothing of the catalogue is left out, and each claim names its specs."""
    told = document.document(shipped, list(shipped), judges(specs_folder()), language)

    assert [line for line in told if line.startswith("### ")] == [f"### {claim.id}" for claim in shipped]
    assert sum(line.startswith("| C-") for line in told) == 111
    assert sum("`test_" in line for line in told) == len(shipped)


def test_a_part_of_the_document_holds_the_statements_of_its_claims_alone(shipped: Catalogue) -> None:
    """A document of one claim has its chapter's heading, its card and its rows."""
    told = document.document(shipped, [shipped.claim("lifecycle/idle-connection-lives")], {})

    assert [line for line in told if line.startswith("#")] == [
        "# The claims of channels-conformance",
        "## The life of a connection",
        "### lifecycle/idle-connection-lives",
        "## The statements of the notes",
    ]
    assert [line[2:6] for line in told if line.startswith("| C-")] == ["C-04", "C-43"]


def test_the_document_means_its_texts_literally(shipped: Catalogue) -> None:
    """What looks like a tag stays readable, and code spans are left alone."""
    told = "\n".join(
        document.document(shipped, [shipped.claim("celery/result-reaches-no-one-else")], {})
        + document.document(shipped, [shipped.claim("lifecycle/no-state-is-shared")], {})
    )

    assert "user_&lt;id>" in told
    assert "`self.items.append(x)`" in told
