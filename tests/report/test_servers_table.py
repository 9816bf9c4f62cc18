"""The table of servers by claim."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from channels_conformance.cli import main
from channels_conformance.report.json_report import data, write
from channels_conformance.report.servers_table import table
from channels_conformance.report.verdicts import Summary, Verdict

if TYPE_CHECKING:
    from channels_conformance.claims import Catalogue
    from channels_conformance.report.verdicts import Facts


def outcomes(make: Any) -> list[Any]:
    """Return what was found of a claim on two servers, and of another on none."""
    return [
        make.outcome("tea/is-hot", Verdict.HOLDS, server="daphne", spec="a"),
        make.outcome("tea/is-hot", Verdict.KNOWN, server="uvicorn", reason="It is | lukewarm.", spec="b"),
        make.outcome("tea/is-hot", Verdict.HOLDS, server="uvicorn", spec="c"),
        make.outcome("tea/is-sweet", Verdict.HOLDS),
    ]


def test_a_claim_has_a_cell_for_each_server(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """The heaviest verdict stands, with a number for its reason below; what is no matter of servers is left out."""
    lines = table(data(Summary.of(outcomes(make), catalogue, facts)))

    assert lines[0] == "| Claim | daphne | uvicorn |"
    assert lines[2].endswith(" | yes | no (1) |")
    assert lines[3:] == ["", "1. It is | lukewarm."]


def test_the_command_prints_it(make: Any, catalogue: Catalogue, facts: Facts, tmp_path: Path) -> None:
    """The table of a report that was written is printed, in the language that is asked for."""
    write(Summary.of(outcomes(make), catalogue, facts), tmp_path / "report.json")

    result = CliRunner().invoke(main, ["table", str(tmp_path / "report.json"), "--lang", "zh-Hant"])

    assert result.exit_code == 0
    assert result.output.startswith("| 主張 | daphne | uvicorn |")


def test_what_is_no_report_is_told_in_a_sentence(make: Any, catalogue: Catalogue, facts: Facts, tmp_path: Path) -> None:
    """A file that is not there, is no JSON, is no report or judges no server is named, with what to write instead."""
    path = tmp_path / "report.json"
    for text, sentence in ((None, "No such file"), ("{", "is no report"), ("[]", "is no report of ours")):
        if text is not None:
            path.write_text(text)
        result = CliRunner().invoke(main, ["table", str(path)])
        assert result.exit_code == 1
        assert sentence in result.output
        assert "Traceback" not in result.output
    write(Summary.of(outcomes(make)[3:], catalogue, facts), path)
    assert "judges no server by itself" in CliRunner().invoke(main, ["table", str(path)]).output
