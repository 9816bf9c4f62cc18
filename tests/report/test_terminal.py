"""What the terminal is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from channels_conformance.report import card
from channels_conformance.report.terminal import SIGNS, failure, lines
from channels_conformance.report.verdicts import Summary, Verdict

if TYPE_CHECKING:
    from channels_conformance.claims import Catalogue
    from channels_conformance.report.verdicts import Facts, Outcome

V = Verdict


def test_the_table_has_a_row_for_each_chapter_in_aligned_columns(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """Every number stands under its heading, behind the sign of the chapter's worst verdict."""
    outcomes = [
        make.outcome("tea/is-hot", V.HOLDS, seconds=1.25),
        make.outcome("tea/is-sweet", V.VIOLATED, seconds=0.5),
        make.outcome("ale/is-cold", V.HOLDS),
    ]

    told = lines(Summary.of(outcomes, catalogue, facts))

    start = next(place for place, line in enumerate(told) if "applicable" in line)
    assert told[start : start + 3] == [
        "  chapter  applicable  holds  violated  known  unproven  not applicable  seconds",
        "x tea               2      1         1      0         0               0      1.8",
        "+ ale               1      1         0      0         0               0      0.0",
    ]


def test_the_last_line_is_the_verdict_in_one_sentence(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """Whoever reads one line only reads the whole verdict."""
    outcomes = [make.outcome("tea/is-hot tea/is-sweet", V.HOLDS), make.outcome("ale/is-cold", V.NOT_APPLICABLE)]

    told = lines(Summary.of(outcomes, catalogue, facts, claimed=["tea"]))

    assert told[-1] == (
        "Holds: 2 claims applicable, 2 judged: 2 hold, 0 violated, 0 known; 0 unproven, 1 not applicable."
    )


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        (V.HOLDS, "Holds"),
        (V.KNOWN, "Holds"),
        (V.VIOLATED, "Violated"),
        (V.UNPROVEN, "Unproven"),
        (V.NOT_APPLICABLE, "Nothing judged"),
    ],
)
def test_the_last_line_begins_with_the_verdict(
    make: Any, catalogue: Catalogue, facts: Facts, verdict: Verdict, word: str
) -> None:
    """A run that judged nothing does not say that the claims hold."""
    told = lines(Summary.of([make.outcome("ale/is-cold", verdict)], catalogue, facts, ["ale"]))

    assert told[-1].startswith(f"{word}: ")


def test_the_table_comes_first_then_the_facts_then_the_reasons(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """The heaviest reasons come first, and what could not be judged stands last, next to the verdict."""
    outcomes = [
        make.outcome("tea/is-hot", V.VIOLATED),
        make.outcome("tea/is-sweet", V.KNOWN),
        make.outcome("ale/is-cold", V.NOT_APPLICABLE),
    ]

    told = lines(Summary.of(outcomes, catalogue, facts, stale_exclusions=["ale/is-warm"]))

    heads = ("  chapter", "subject", "x violated", "~ known", "- not applicable", "!", "Violated")
    places = [next(place for place, line in enumerate(told) if line.startswith(head)) for head in heads]
    assert places == sorted(places)


def test_a_vacuous_run_says_so(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """Numbers that look well are contradicted where they prove nothing."""
    told = lines(Summary.of([make.outcome("ale/is-cold", V.HOLDS)], catalogue, facts, ["ale"], floor={"ale": 3}))

    assert told[-2] == "! Only 1 of at least 3 specs of ale ran, the number recorded for this subject."
    assert told[-1].endswith("The run counts as failed, because it judged less than it claims.")


def test_a_finding_is_told_once_for_all_it_was_found_on(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """Specs that ran for several endpoints or servers, and found the same, are named behind what they found."""

    def found(on: str, sentence: str) -> Outcome:
        finding = {"anomaly": "lost", "sentence": sentence, "blame": "app"}
        outcome: Outcome = make.outcome("tea/is-hot", V.VIOLATED, findings=(finding,))
        spec = f"specs/test_tea.py::test_tea_is_hot{on}"
        return replace(outcome, spec=spec, repeat="channels-conformance run --claim tea/is-hot")

    outcomes = [
        found("[chat-daphne]", "bob (daphne-1) never received '~m1~'"),
        found("[chat-uvicorn]", "bob (uvicorn-2) never received '~m27~'"),
        found("[echo-daphne]", "carol (daphne-1) never received '~m3~'"),
        found("", "bob (daphne-extra1) never received '~m4~'"),
    ]

    told = lines(Summary.of(outcomes, catalogue, facts))

    start = told.index("x violated: tea/is-hot (must)")
    assert told[start + 2 : start + 8] == [
        "    lost: bob (daphne-extra1) never received '~m4~' [app]",
        "        on test_tea_is_hot, chat-daphne, chat-uvicorn",
        "    lost: carol (daphne-1) never received '~m3~' [app]",
        "        on echo-daphne",
        "    channels-conformance run --claim tea/is-hot",
        "",
    ]


def test_claims_with_one_reason_are_told_together(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """A missing service is named once, with all that it leaves unproven."""
    outcomes = [
        make.outcome("tea/is-hot", V.UNPROVEN, reason="there is no Redis"),
        make.outcome("tea/is-sweet", V.UNPROVEN, reason="there is no Redis"),
    ]

    told = lines(Summary.of(outcomes, catalogue, facts, ["tea"]))

    start = told.index("? unproven: there is no Redis")
    assert told[start + 1 : start + 3] == ["    tea/is-hot", "    tea/is-sweet"]


def test_the_summary_names_the_subject_and_hides_passwords(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """What was judged is told, its credentials masked."""
    told = "\n".join(lines(Summary.of([make.outcome("ale/is-cold", V.HOLDS)], catalogue, facts, ["ale"])))

    assert "subject   tearoom (/srv/tearoom)" in told
    assert "servers   daphne-1, uvicorn-2" in told
    assert "hunter2" not in told


def test_every_verdict_has_a_sign_of_its_own() -> None:
    """Nothing depends on colour."""
    assert len(set(SIGNS.values())) == len(Verdict)


def test_a_failure_tells_all_that_is_needed_to_mend_it(make: Any, catalogue: Catalogue) -> None:
    """Claim, findings, evidence, the server's traceback, the command, and last the rest of the card."""
    outcome = make.outcome(
        "tea/is-hot",
        V.VIOLATED,
        findings=({"anomaly": "lost", "sentence": "bob never received 'm1'", "blame": "app"},),
        transcript=("alice#1 says 'm1'",),
        script=("alice says m1",),
        server_traceback="Traceback\n  sessionid=abc\nKeyError: \x1b[31m",
        repeat="channels-conformance run --claim tea/is-hot",
    )

    assert failure(outcome, catalogue).splitlines() == [
        "x tea/is-hot (must)",
        "  tea/is-hot is so.",
        "",
        "  Found:",
        "    lost: bob never received 'm1' [app]",
        "",
        "  What happened:",
        "    alice#1 says 'm1'",
        "",
        "  The smallest stream found that breaks it:",
        "    alice says m1",
        "",
        "  The server's own traceback:",
        "    Traceback",
        "      sessionid=***",
        "    KeyError: \\x1b[31m",
        "",
        "  Repeat it with:",
        "    channels-conformance run --claim tea/is-hot",
        *card.body(catalogue.claim("tea/is-hot"), catalogue),
    ]


def test_a_failure_can_be_told_in_chinese(make: Any, catalogue: Catalogue) -> None:
    """The claim's own words come in the language asked for."""
    told = failure(make.outcome("tea/is-hot", V.VIOLATED), catalogue, "zh-Hant")

    assert "tea/is-hot 成立。" in told
    assert "  為什麼重要:" in told
    assert "Why it matters" not in told


def test_a_failure_shows_the_traceback_of_the_spec_where_it_is_asked_for(make: Any, catalogue: Catalogue) -> None:
    """It stands among the evidence, masked, and is not there unasked."""
    outcome = make.outcome("tea/is-hot", V.UNPROVEN, reason="the kit failed in call: KeyError: 1")

    told = failure(outcome, catalogue, traceback="Traceback\n  token=secret-value\nKeyError: 1")

    assert "  The spec's traceback:\n    Traceback\n      token=***\n    KeyError: 1\n" in told
    assert "traceback" not in failure(outcome, catalogue)


def test_a_failure_of_several_claims_ends_with_the_card_of_each(make: Any, catalogue: Catalogue) -> None:
    """What a spec judges besides its first claim is explained as well."""
    told = failure(make.outcome("tea/is-hot tea/is-sweet", V.VIOLATED), catalogue).splitlines()

    last = card.lines(catalogue.claim("tea/is-sweet"), catalogue)
    assert told[-len(last) :] == last


def test_a_long_traceback_is_folded(make: Any, catalogue: Catalogue) -> None:
    """Its beginning and end are kept, and the gap is counted."""
    outcome = make.outcome("tea/is-hot", V.VIOLATED, server_traceback="\n".join(f"line {n}" for n in range(100)))

    told = failure(outcome, catalogue)

    assert "    … 70 more lines\n" in told
    assert "    line 99" in told
