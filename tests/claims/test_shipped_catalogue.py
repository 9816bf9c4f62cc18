"""The catalogue that the kit ships."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys

import pytest

from channels_conformance.claims import Catalogue, Claim, Text, load


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Return the shipped catalogue."""
    return load()


def texts(record: object) -> list[Text]:
    """Return every text of a record, however deep."""
    if isinstance(record, Text):
        return [record]
    if dataclasses.is_dataclass(record):
        return [text for one in dataclasses.fields(record) for text in texts(getattr(record, one.name))]
    return [text for one in record for text in texts(one)] if isinstance(record, tuple) else []


def everything(catalogue: Catalogue) -> list[Text]:
    """Return every text of the catalogue."""
    return (
        texts(catalogue.chapters) + texts(catalogue.deviations) + texts(catalogue.statements) + texts(catalogue.facts)
    )


def test_the_chapters_come_in_reading_order(catalogue: Catalogue) -> None:
    """One connection first, then many, then who, what is kept, what is done elsewhere; last what all of it rests on."""
    assert [chapter.id for chapter in catalogue.chapters] == [
        "lifecycle",
        "fanout",
        "auth",
        "orm",
        "celery",
        "configuration",
        "routing",
        "layer",
        "protocol",
        "consumers",
        "threads",
        "installation",
        "http",
        "servers",
        "frontend",
    ]


def test_every_text_is_complete_in_both_languages(catalogue: Catalogue) -> None:
    """The English holds no Chinese, and the Chinese is Chinese."""
    chinese = re.compile(r"[\u4e00-\u9fff]")

    for text in everything(catalogue):
        assert not chinese.search(text.en), text.en
        assert chinese.search(text.zh_hant), text.en


def test_the_chinese_uses_the_words_of_taiwan(catalogue: Catalogue) -> None:
    """Terms of other regions do not slip in."""
    foreign = re.compile("服務器|消息|連接數|異步|隊列|線程|進程|用戶(?!端)|數據|默認|信息|网|务")

    for text in everything(catalogue):
        assert not foreign.search(text.zh_hant), text.zh_hant


def test_no_two_ids_differ_by_case_or_plural_alone(catalogue: Catalogue) -> None:
    """An id is remembered by its words, so two must not be mistaken for each other."""
    stems = [re.sub(r"s\b", "", claim.id.casefold()) for claim in catalogue]

    assert len(set(stems)) == len(stems)


def test_every_statement_is_one_sentence(catalogue: Catalogue) -> None:
    """A claim is one sentence that can be true or false."""
    for claim in catalogue:
        assert re.fullmatch(r"(?!.*[.?!] [A-Z]).+[^.]\.", claim.statement.en), claim.id
        assert claim.statement.zh_hant.endswith("。"), claim.id
        assert claim.statement.zh_hant.count("。") == 1, claim.id


def test_every_question_asks_and_no_hint_gives_the_answer_away(catalogue: Catalogue) -> None:
    """The study note leads to the answer in three steps."""
    for claim in catalogue:
        study = claim.study
        assert study.question.en.endswith("?"), claim.id
        assert study.question.zh_hant.endswith("？"), claim.id
        assert study.answer.en not in study.hint.en, claim.id


def test_deviations_concern_a_claim_of_the_catalogue(catalogue: Catalogue) -> None:
    """Each deviation is found from the claim that it breaks."""
    for deviation in catalogue.deviations:
        assert deviation in catalogue.deviations_of(deviation.claim, platform=deviation.platform)


def test_claims_are_records_that_cannot_be_changed(catalogue: Catalogue) -> None:
    """A report may hand a claim on without fear."""
    claim: Claim = next(iter(catalogue))

    with pytest.raises(dataclasses.FrozenInstanceError):
        claim.level = "info"  # type: ignore[misc]


def test_the_catalogue_needs_nothing_but_the_standard_library() -> None:
    """Reading the claims imports neither Django nor Channels."""
    code = "import sys, channels_conformance.claims as c; c.load(); print({'django', 'channels'} & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )

    assert done.stdout.strip() == "set()"
