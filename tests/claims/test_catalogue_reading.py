"""How the catalogue is read: strictly, and with one clear sentence for whatever is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from channels_conformance.claims import CatalogueError, Text, load

if TYPE_CHECKING:
    from pathlib import Path

CLAIM = """
[[claim]]
id = "tea/is-hot"
level = "must"
scope = "app"
statement = { en = "Tea is hot.", zh-Hant = "茶是熱的。" }
source = ["notes §1"]
notes = { verdict = "confirmed", ids = ["C-01"], says = { en = "Hot.", zh-Hant = "熱。" } }
[claim.study]
why = { en = "Because.", zh-Hant = "因為。" }
question = { en = "How hot?", zh-Hant = "多熱？" }
hint = { en = "Very.", zh-Hant = "很熱。" }
answer = { en = "Hot.", zh-Hant = "熱。" }
read = ["https://example.org/tea"]
"""
CHAPTER = 'order = 1\ntitle = { en = "Tea", zh-Hant = "茶" }\n' + CLAIM
DEVIATION = """
[[deviation]]
id = "daphne-serves-it-cold"
platform = "daphne"
versions = "1.0"
claim = "tea/is-hot"
statement = { en = "Cold.", zh-Hant = "冷。" }
seen = { en = "Cold tea.", zh-Hant = "冷茶。" }
"""
STATEMENT = """
[[statement]]
id = "C-01"
section = "1"
says = { en = "Tea is hot.", zh-Hant = "茶很熱。" }
verdict = "confirmed"
figure = { en = "90 degrees", zh-Hant = "90 度" }
claims = ["tea/is-hot"]
"""

FACT = """
[[fact]]
id = "D1"
says = { en = "Tea is cold.", zh-Hant = "茶很冷。" }
claims = ["tea/is-hot"]
"""


def write(
    folder: Path, chapter: str = CHAPTER, deviations: str = "", notes: str = STATEMENT, facts: str = FACT
) -> Path:
    """Write a catalogue of one chapter, and what the notes say."""
    folder.joinpath("notes.toml").write_text(notes, encoding="utf-8")
    folder.joinpath("facts.toml").write_text(facts, encoding="utf-8")
    folder.joinpath("tea.toml").write_text(chapter, encoding="utf-8")
    if deviations:
        folder.joinpath("deviations.toml").write_text(deviations, encoding="utf-8")
    return folder


def test_a_chapter_is_read_with_all_that_is_said_of_its_claims(tmp_path: Path) -> None:
    """A well-formed chapter and its deviations come back as records."""
    catalogue = load(write(tmp_path, deviations=DEVIATION))

    claim = catalogue.claim("tea/is-hot")
    assert claim.chapter == "tea"
    assert claim.statement == Text("Tea is hot.", "茶是熱的。")
    assert claim.statement.in_("zh-Hant") == "茶是熱的。"
    assert claim.study.read == ("https://example.org/tea",)
    assert [deviation.id for deviation in catalogue.deviations_of("tea/is-hot")] == ["daphne-serves-it-cold"]
    assert catalogue.deviations_of("tea/is-hot", platform="uvicorn") == ()
    assert "tea/is-hot" in catalogue
    assert len(catalogue) == 1


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("level =", "levle =", "claim tea/is-hot has an unknown key 'levle'; did you mean 'level'."),
        ('level = "must"\n', "", "claim tea/is-hot lacks 'level'."),
        ('"must"', '"shall"', "tea/is-hot: level is 'shall', but must be one of must, should, info."),
        ('"app"', '"game"', "tea/is-hot: scope is 'game', but must be one of framework, app, layer, server."),
        ('"tea/is-hot"', '"coffee/is-hot"', "claim coffee/is-hot: the id must start with 'tea/'."),
        ('"tea/is-hot"', '"tea/Is Hot"', "after the slash the id must be lower-case words joined by hyphens."),
        (', zh-Hant = "茶是熱的。"', "", "tea/is-hot: statement lacks its Traditional Chinese (zh-Hant)."),
        ('en = "Because.", ', "", "tea/is-hot: study.why lacks its English (en)."),
        ('zh-Hant = "很熱。"', 'zh-Hant = " "', "study.hint.zh-Hant must be a string that is not empty."),
        ('zh-Hant = "很熱。"', 'zh-Hant = "很熱。", fr = "x"', "study.hint has an unknown key 'fr'."),
        (
            '{ en = "How hot?", zh-Hant = "多熱？" }',
            '"How hot?"',
            "must give a text in English and Traditional Chinese.",
        ),
        ('["notes §1"]', "[]", "tea/is-hot: source must be a list that is not empty."),
        ("order = 1", 'order = "1"', "tea.toml: order must be a whole number."),
        ("order = 1", "", "tea.toml lacks 'order'."),
        ("order = 1", "order =", "tea.toml is not valid TOML:"),
        ('"confirmed"', '"refuted"', "notes.correction must say what is really so, since the verdict is 'refuted'."),
        ('"confirmed"', '"silent"', "tea/is-hot: notes.says must be left out where the notes are silent."),
        (', says = { en = "Hot.", zh-Hant = "熱。" }', "", "tea/is-hot: notes.says must say what the notes say."),
        (', ids = ["C-01"]', "", "tea/is-hot: notes.ids must name statements of notes.toml."),
        ('"C-01"', '"C-02"', "notes.ids names 'C-02', which notes.toml lacks; did you mean 'C-01'."),
    ],
)
def test_a_faulty_chapter_is_refused_with_one_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """Whatever is wrong in a chapter is an error that says where and what."""
    assert old in CHAPTER

    with pytest.raises(CatalogueError, match=re.escape(sentence)):
        load(write(tmp_path, CHAPTER.replace(old, new, 1)))


def test_an_id_may_be_given_once_only(tmp_path: Path) -> None:
    """Two claims of one id are an error."""
    with pytest.raises(CatalogueError, match=re.escape("The id 'tea/is-hot' is given twice.")):
        load(write(tmp_path, CHAPTER + CLAIM))


def test_two_chapters_cannot_have_one_place(tmp_path: Path) -> None:
    """The reading order is never left to chance."""
    write(tmp_path).joinpath("ale.toml").write_text(CHAPTER.replace("tea/", "ale/"), encoding="utf-8")

    with pytest.raises(CatalogueError, match=re.escape("Chapters ale and tea both have order 1.")):
        load(tmp_path)


def test_an_empty_folder_is_no_catalogue(tmp_path: Path) -> None:
    """A catalogue without a chapter is an error, since nothing could be judged by it."""
    with pytest.raises(CatalogueError, match=re.escape("The catalogue's folder holds no chapter.")):
        load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("tea/is-hot", "tea/is-hut", "serves-it-cold: There is no claim 'tea/is-hut'; did you mean 'tea/is-hot'."),
        ('"daphne"\n', '"dahpne"\n', "platform is 'dahpne', but must be one of daphne, uvicorn,"),
        ("seen =", "sene =", "has an unknown key 'sene'; did you mean 'seen'."),
    ],
)
def test_a_faulty_deviation_is_refused_with_one_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """A deviation names a platform and a claim that exist."""
    with pytest.raises(CatalogueError, match=re.escape(sentence)):
        load(write(tmp_path, deviations=DEVIATION.replace(old, new, 1)))


def test_asking_for_what_is_not_there_suggests_the_nearest(tmp_path: Path) -> None:
    """A misspelt claim, chapter or language is answered with what to write instead."""
    catalogue = load(write(tmp_path))

    with pytest.raises(CatalogueError, match=re.escape("There is no claim 'tea/is-hott'; did you mean 'tea/is-hot'.")):
        catalogue.claim("tea/is-hott")
    with pytest.raises(CatalogueError, match=re.escape("There is no chapter 'teas'; did you mean 'tea'.")):
        catalogue.chapter("teas")
    with pytest.raises(CatalogueError, match=re.escape("'fr' is no language of the catalogue; write en or zh-Hant.")):
        catalogue.claim("tea/is-hot").statement.in_("fr")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"C-01"', '"one"', "statement one: the id must be C- and a number, such as C-04."),
        ('section = "1"', 'section = "11"', "statement C-01: section is '11', but must be one of introduction, 1,"),
        ('"confirmed"', '"silent"', "verdict is 'silent', but must be one of confirmed, refuted, qualified."),
        ('"confirmed"', '"refuted"', "correction must say what is really so, since the verdict is 'refuted'."),
        (', zh-Hant = "90 度"', "", "figure lacks its Traditional Chinese (zh-Hant)."),
        ('figure = { en = "90 degrees", zh-Hant = "90 度" }\n', "", "statement C-01 lacks 'figure'"),
        ('claims = ["tea/is-hot"]', "", "statement C-01 must have one of claims, reason and pending = true."),
        ('claims = ["tea/is-hot"]', "pending = false", "must have one of claims, reason and pending = true."),
        ("claims =", "pending = true\nclaims =", "must have one of claims, reason and pending = true."),
        ('claims = ["tea/is-hot"]', "pending = true", "names C-01, whose claims do not name it."),
        ('["tea/is-hot"]', '["tea/is-hot", "tea/is-ot"]', "C-01 names 'tea/is-ot', which is no claim; did you mean"),
        (
            'verdict = "confirmed"',
            'verdict = "refuted"\ncorrection = { en = "Cold.", zh-Hant = "冷。" }',
            "tea/is-hot: notes.verdict is confirmed, against C-01.",
        ),
    ],
)
def test_a_faulty_statement_of_the_notes_is_refused(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """A statement is complete, says who judges it or why nobody does, and agrees with the claims it names."""
    assert old in STATEMENT

    with pytest.raises(CatalogueError, match=re.escape(sentence)):
        load(write(tmp_path, notes=STATEMENT.replace(old, new, 1)))


def test_a_statement_may_not_name_a_claim_that_does_not_name_it(tmp_path: Path) -> None:
    """Claims and statements name each other, from both sides."""
    second = STATEMENT.replace("C-01", "C-02")

    with pytest.raises(CatalogueError, match=re.escape("C-02 names tea/is-hot, whose notes.ids do not name it.")):
        load(write(tmp_path, notes=STATEMENT + second))


def test_asking_for_a_statement_that_is_not_there_suggests_the_nearest(tmp_path: Path) -> None:
    """A statement is found by its id, and a misspelt id is answered with what to write instead."""
    catalogue = load(write(tmp_path))

    assert catalogue.statement("C-01").claims == ("tea/is-hot",)
    with pytest.raises(CatalogueError, match=re.escape("no statement 'C-1'; did you mean 'C-01'.")):
        catalogue.statement("C-1")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"D1"', '"C-01"', "fact C-01: the id must be D or N and a number, such as D9."),
        ('claims = ["tea/is-hot"]', "", "fact D1 must have one of claims, reason and pending = true."),
        ('claims = ["tea/is-hot"]', "pending = false", "fact D1 must have one of claims, reason and pending = true."),
        ("claims =", "pending = true\nclaims =", "fact D1 must have one of claims, reason and pending = true."),
        ('["tea/is-hot"]', '["tea/is-hut"]', "D1 names 'tea/is-hut', which is no claim; did you mean 'tea/is-hot'."),
        ('["tea/is-hot"]', '["tea/is-hot", "tea/is-hot"]', "The id 'tea/is-hot' is given twice."),
        (', zh-Hant = "茶很冷。"', "", "says lacks its Traditional Chinese (zh-Hant)."),
    ],
)
def test_a_faulty_fact_is_refused(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """A fact is complete, and says which claims judge it or why none does."""
    assert old in FACT

    with pytest.raises(CatalogueError, match=re.escape(sentence)):
        load(write(tmp_path, facts=FACT.replace(old, new, 1)))


def test_asking_for_a_fact_that_is_not_there_suggests_the_nearest(tmp_path: Path) -> None:
    """A fact is found by its id, and a misspelt id is answered with what to write instead."""
    catalogue = load(write(tmp_path))

    assert catalogue.fact("D1").claims == ("tea/is-hot",)
    with pytest.raises(CatalogueError, match=re.escape("There is no fact 'D11'; did you mean 'D1'.")):
        catalogue.fact("D11")
