"""What a finding says of itself, and how its sentence names connections and texts."""

import pytest

from channels_conformance.checks import Anomaly, Finding
from channels_conformance.checks.finding import cut, who
from tests.checks.written import Script


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("eight go", "'eight go'"),
        ("nine go o", "'nine go …"),
        ("a line\nand another", r"'a line\n…"),
    ],
    ids=["fits", "does not fit", "does not fit, escaped"],
)
def test_a_text_is_cut_to_the_limit_quotes_and_ellipsis_included(text: str, shown: str) -> None:
    """What is shown of a text has at most so many characters, and tells where it is not all."""
    assert cut(text, 10) == shown


def test_a_text_is_cut_to_sixty_characters() -> None:
    """A sentence stays readable, however long the texts are that it quotes."""
    assert cut("a" * 10_000) == "'" + "a" * 58 + "…"


@pytest.mark.parametrize(
    ("connection", "name"),
    [("alice#1", "alice (daphne-1)"), ("alice#2", "alice#2"), ("mallory#1", "mallory#1"), ("", "somebody")],
    ids=["known", "back again, on no worker", "not in the record", "none"],
)
def test_a_sentence_names_every_connection(play: Script, connection: str, name: str) -> None:
    """A connection is named by its client and worker, or by what there is."""
    play.connect("alice")
    play.connect("alice", worker="")

    assert who(play.history, connection) == name


def test_a_finding_without_evidence_concerns_no_connection() -> None:
    """Where no connection is named and no event shows one, none is concerned, however the finding is made."""
    sentence = "nothing was ever heard"

    found = Finding.of(Anomaly.LOST, sentence)

    assert found == Finding(anomaly=Anomaly.LOST, sentence=sentence)
    assert (found.connection, found.evidence, found.blame) == ("", (), "app")
