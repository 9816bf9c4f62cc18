"""A matrix that is not as it should be is told so, square by square."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from channels_conformance import claims, exercises
from channels_conformance.specfiles import specs_folder
from channels_conformance.subject.reading import load
from tests.kills.__main__ import part_of
from tests.kills.matrix import Limit, Played, limits, problems, read, summary, table
from tests.kills.reach import LOADED_BY, SEES_ALL_LAYERS, SERVES, chapters, endpoints

CLAIM = re.compile(r'"([a-z]+/[a-z0-9-]+)"')
BREAKABLE = ("tea/is-hot", "tea/is-sweet")
GOOD: dict[str, str] = {"tea/is-hot": "holds", "tea/is-sweet": "holds", "ale/is-cold": "known"}
TEPID = GOOD | {"tea/is-hot": "violated"}
COLD = Played(fault="cold", breaks=("tea/is-hot",), runs=(TEPID,) * 3)
BITTER = Played(fault="bitter", breaks=("tea/is-sweet",), runs=(GOOD | {"tea/is-sweet": "violated"},) * 3)


def test_a_matrix_that_is_as_it_should_be_has_no_problem() -> None:
    """Each fault is killed by what it breaks, and by nothing else."""
    assert problems([COLD, BITTER], breakable=BREAKABLE) == []
    assert summary([COLD, BITTER], []) == "2 claims, 2 faults, 2 kills, 0 accusations, in 3 runs each: 0 problems."
    once = replace(COLD, runs=COLD.runs[:1])
    assert "1 to 3 runs each" in summary([once, BITTER], [])
    assert "| `tea/is-hot` | 1 | cold |" in table([COLD, BITTER])


def test_a_fault_that_nobody_kills_is_one() -> None:
    """In any of the runs: a spec that finds it twice in three times is no proof."""
    runs: tuple[dict[str, str], ...] = (TEPID, GOOD, {})
    weak = Played(fault="cold", breaks=("tea/is-hot",), runs=runs)

    assert problems([weak, BITTER], breakable=BREAKABLE) == [
        "cold says that it breaks tea/is-hot, which is holds in run 2.",
        "cold says that it breaks tea/is-hot, which is not judged in run 3.",
    ]


def test_an_accusation_off_the_diagonal_is_one() -> None:
    """Whether it comes in each run or in one."""
    wild = Played(fault="cold", breaks=("tea/is-hot",), runs=(*COLD.runs, TEPID | {"tea/is-sweet": "violated"}))

    assert problems([wild, BITTER], breakable=BREAKABLE) == [
        "cold accuses tea/is-sweet, which it does not break, in 1 of 4 runs."
    ]


def test_a_claim_that_no_fault_breaks_is_one() -> None:
    """Unless only some faults were played."""
    assert problems([COLD], breakable=BREAKABLE) == ["No fault breaks tea/is-sweet."]
    assert problems([COLD], breakable=BREAKABLE, whole=False) == []


def test_a_limit_excuses_its_square_and_no_other() -> None:
    """And one that is none any more must go."""
    wild = Played(fault="cold", breaks=("tea/is-hot",), runs=(TEPID | {"tea/is-sweet": "violated"},))
    known = Limit(fault="cold", claim="tea/is-sweet", reason="cold tea takes no sugar")

    assert problems([wild, BITTER], breakable=BREAKABLE, known=[known]) == []
    assert problems([COLD, BITTER], breakable=BREAKABLE, known=[known]) == [
        "The limit cold × tea/is-sweet is none any more: remove it."
    ]


def test_limits_on_record_name_what_there_is() -> None:
    """Each a fault, a claim, and a reason in words."""
    for limit in limits():
        assert limit.fault in exercises.names()
        assert claims.load().claim(limit.claim)
        assert len(limit.reason.split()) > 3


def test_limits_are_read_strictly(tmp_path: Path) -> None:
    """A misspelt key is an error, not a limit less."""
    path = tmp_path / "limits.toml"
    path.write_text('[[limit]]\nfault = "a"\nclaim = "b"\nreson = "c"\n', encoding="utf-8")

    with pytest.raises(TypeError, match="reson"):
        limits(path)


def test_parts_share_all_faults() -> None:
    """Each fault is of one part, and what is no part is refused."""
    names = exercises.names()
    shares = [names[part - 1 :: parts] for part, parts in map(part_of, ("1/3", "2/3", "3/3"))]

    assert sorted(name for share in shares for name in share) == names
    for text in ("0/3", "4/3", "2", "a/b", ""):
        with pytest.raises(argparse.ArgumentTypeError, match="2/4 for the second of four"):
            part_of(text)


def test_parts_are_weighed_as_one(tmp_path: Path) -> None:
    """What two parts wrote is the whole matrix, and is judged as that."""
    paths = []
    for one in (COLD, BITTER):
        paths.append(tmp_path / f"{one.fault}.json")
        paths[-1].write_text(json.dumps({"faults": [asdict(one)], "problems": []}), encoding="utf-8")

    assert [one for path in paths for one in read(path)] == [COLD, BITTER]


@pytest.mark.parametrize("folder", LOADED_BY)
def test_no_other_chapter_loads_what_only_some_are_played_on(folder: str) -> None:
    """Whoever serves the bare or the scripted applications asks for them by a fixture of that name."""
    fixtures = {"bare": r"\bbare\b", "scripted": r"\bscripted\b"}
    files = sorted(specs_folder().glob("test_*.py"))
    asking = {path for path in files if re.search(fixtures[folder], path.read_text(encoding="utf-8"))}
    chapters_of = {claim.partition("/")[0] for path in asking for claim in CLAIM.findall(path.read_text("utf-8"))}
    imported = [path for path in exercises.REFERENCE.rglob("*.py") if path.parent.name != folder]

    assert chapters_of == LOADED_BY[folder]
    assert not any(re.search(rf"^(from|import) {folder}\b", path.read_text("utf-8"), re.MULTILINE) for path in imported)


def test_a_fault_is_played_on_whatever_it_reaches() -> None:
    """One of a consumer on all but the chapters that load none, one of the bare apps on theirs alone."""
    every = {"lifecycle", "layer", "servers", "frontend", "protocol"}
    consumer = fault("chat/consumers.py", breaks=("lifecycle/x",))
    layer = fault("config/settings.py", breaks=("layer/x",))
    bare = fault("bare/asgi.py", breaks=("protocol/x",))
    page = fault("chat/templates/room.html", breaks=("frontend/x",))

    assert chapters(consumer, every) == {"lifecycle", "protocol"}
    assert chapters(layer, every) == {"lifecycle", "protocol", "layer"}
    assert chapters(bare, every) == {"protocol", "servers"}
    assert chapters(page, every) == {"lifecycle", "protocol", "frontend"}
    assert chapters(fault("chat/static/chat/chat.js", breaks=("frontend/x",)), every) == {"frontend"}


def test_a_layer_that_no_consumer_uses_is_seen_by_who_looks_at_the_settings() -> None:
    """Faults that bring one in do so in the same words; other faults of layers reach everything."""
    beside = [name for name in exercises.names() if chapters(exercises.load(name)) == SEES_ALL_LAYERS]

    assert len(beside) > 20
    for name in beside:
        assert [change.file for change in exercises.load(name).changes] == ["config/layer.py", "config/settings.py"]
    assert "fanout" in chapters(exercises.load("layer_cuts_its_prefix"))


@pytest.mark.parametrize(
    ("file", "reached"),
    [
        ("chat/consumers.py", ("chat",)),
        ("echo/routing.py", ("echo", "echo-sync")),
        ("realtime/consumers.py", ()),
        ("config/settings.py", ()),
    ],
)
def test_a_fault_of_one_app_is_played_on_the_endpoints_that_it_serves(file: str, reached: tuple[str, ...]) -> None:
    """One of what all of them share, on each."""
    assert endpoints(fault(file, breaks=("lifecycle/x",))) == reached
    assert endpoints(fault(file, "realtime/text.py", breaks=("lifecycle/x",))) == ()


def test_every_endpoint_of_the_reference_app_is_served_by_an_app() -> None:
    """By the one whose folder holds its consumer, as the route says."""
    profile = load(exercises.REFERENCE)

    assert sorted(name for names in SERVES.values() for name in names) == sorted(one.name for one in profile.endpoints)


def fault(*files: str, breaks: tuple[str, ...]) -> exercises.Fault:
    """Return a fault that changes some files."""
    one = exercises.load(exercises.names()[0])
    return replace(
        one, breaks=breaks, changes=tuple(exercises.Change(file=file, before="a", after="b") for file in files)
    )
