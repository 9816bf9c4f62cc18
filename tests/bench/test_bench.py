"""Each benchmark runs, with numbers that prove nothing, and what it writes has its shape."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from channels_conformance.claims import load
from tests.bench.__main__ import BENCHES
from tests.bench.rounds import ROOT, Spread, ratio

DEADLINE = 300  # seconds after which a benchmark has hung


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmarks as a reader does: in a process of their own, since some set Django up."""
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


@pytest.mark.parametrize("name", BENCHES)
def test_a_benchmark_runs_and_writes_what_it_found(name: str, tmp_path: Path) -> None:
    """Rows and ratios have a median between their least and most, beside versions and the class of the machine."""
    written = tmp_path / "bench.json"

    done = run(name, "--tiny", "--json", str(written))

    assert done.returncode == 0, done.stdout
    found = json.loads(written.read_text())
    assert set(found) == {"versions", "machine", "benches"}
    assert {"python", "django", "channels", "celery"} <= set(found["versions"])
    assert set(found["machine"]) == {"system", "architecture", "cpus"}
    (bench,) = found["benches"]
    assert set(bench) == {"name", "title", "statements", "rounds", "rows", "ratios"}
    assert (bench["name"], bench["rounds"]) == (name, 2)
    assert set(bench["statements"]) <= {statement.id for statement in load().statements}
    assert bench["rows"]
    for spread in (*bench["rows"].values(), *bench["ratios"].values()):
        assert spread["min"] <= spread["median"] <= spread["max"]
    for row in (*bench["rows"], *bench["ratios"]):
        assert row in done.stdout


def test_a_benchmark_that_is_not_there_is_told_in_a_sentence() -> None:
    """A misspelt name is answered with those that can be written."""
    done = run("spede")

    assert done.returncode == 2
    assert "there is no benchmark 'spede': write one of consumers, servers," in done.stdout


def test_a_ratio_is_taken_round_by_round() -> None:
    """A round in which the machine was slow is slow for both, and does not show."""
    values = {"fast": [20.0, 2.0, 200.0], "slow": [10.0, 1.0, 50.0]}

    assert ratio(values, "fast", "slow") == Spread(median=2.0, least=2.0, most=4.0)
