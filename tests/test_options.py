"""Options select, serve and weigh; a wrong one is said to be, in one sentence."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from channels_conformance import claims
from channels_conformance.options import OptionError, Options, at_least
from channels_conformance.report.verdicts import Outcome, Verdict
from channels_conformance.selection import About
from channels_conformance.subject.profile import Endpoint, Profile

CATALOGUE = claims.load()
SHOULD = "lifecycle/unrouted-path-is-refused"
MUST = "fanout/exactly-once-across-workers"
PROFILE = Profile(root=Path("/srv/shop"), settings="shop.settings")
ABOUT = About(ids=(SHOULD,), level="should", source="the docs")


def read(**options: Any) -> Options:
    """Return what these options ask for."""
    lists: dict[str, Any] = {"claim": [], "chapter": [], "without": [], "endpoint": [], "server": [], "layer": []}
    bare = lists | {"level": None, "workers": None, "fail_on": None, "deadline": 5.0, "shrinking": 8.0}
    return Options.read(Namespace(**bare | options), CATALOGUE)


def test_a_level_is_as_weighty_as_itself_and_those_below() -> None:
    """A must is at least a should, and an info is not."""
    assert at_least("must", "should")
    assert at_least("should", "should")
    assert not at_least("info", "should")


def test_claims_chapters_and_level_narrow_each_other() -> None:
    """A claim is asked for where every option lets it in; with none, all are."""
    assert {claim.id for claim in CATALOGUE if read().includes(claim)} == {claim.id for claim in CATALOGUE}
    musts = {claim.id for claim in CATALOGUE if read(level="must", chapter=["lifecycle"]).includes(claim)}

    assert musts == {claim.id for claim in CATALOGUE.chapter("lifecycle").claims if claim.level == "must"}
    assert read(claim=[SHOULD]).wants(ABOUT, CATALOGUE)
    assert not read(level="must").wants(ABOUT, CATALOGUE)
    assert read(level="must").shown(CATALOGUE, []) == {claim.id for claim in CATALOGUE if claim.level == "must"}


def test_a_chapter_is_left_out_by_its_name() -> None:
    """Neither its specs run nor does the run tell of it; the others are as they were."""
    asked = read(without=["lifecycle"])

    assert not asked.wants(ABOUT, CATALOGUE)
    assert asked.includes(CATALOGUE.claim(MUST))
    assert asked.told(CATALOGUE) == {chapter.id for chapter in CATALOGUE.chapters} - {"lifecycle"}
    assert read().told(CATALOGUE) is None
    assert read(chapter=["orm", "auth"], without=["auth"]).told(CATALOGUE) == {"orm"}


def test_every_option_that_leaves_specs_of_a_chapter_out_puts_the_floor_aside() -> None:
    """The numbers of specs recorded for a subject are those of whole chapters, served as its profile says."""
    for one in ({}, {"fail_on": "must"}, {"chapter": ["orm"]}, {"without": ["orm"]}):
        assert not read(**one).thinned
    for one in (
        *({"level": "must"}, {"claim": [MUST]}, {"endpoint": ["live"]}),
        *({"server": ["daphne"]}, {"workers": "2"}),
    ):
        assert read(**one).thinned
        assert read(**one).narrowed
    assert read(chapter=["orm"]).narrowed
    assert not read(fail_on="must").narrowed


def test_the_servers_asked_for_take_turns() -> None:
    """Servers and workers are those asked for, and the profile's where none are."""
    assert read().served(PROFILE).processes == ("daphne", "uvicorn")
    assert read(server=["uvicorn", "uvicorn"]).served(PROFILE).processes == ("uvicorn", "uvicorn")
    assert read(workers="3").served(PROFILE).processes == ("daphne", "uvicorn", "daphne")
    assert read(workers="1", server=["daphne"]).served(PROFILE).processes == ("daphne",)


def test_what_is_about_other_endpoints_is_left_out() -> None:
    """What is about no endpoint is not, and the run tells of the claims that it has judged."""
    asked = read(endpoint=["live", "echo"])

    assert [asked.wants(ABOUT, CATALOGUE, name) for name in ("live", "echo", "chat", None)] == [True, True, False, True]
    assert asked.shown(CATALOGUE, [Outcome(spec="s", claims=(MUST,), verdict=Verdict.HOLDS)]) == {MUST}
    assert asked.exclusions([MUST], [Outcome(spec="s", claims=(MUST,), verdict=Verdict.HOLDS)]) == []
    assert asked.repeat(ABOUT, subject=".", fault=None, examples=0).endswith("--endpoint live --endpoint echo")


def test_an_endpoint_that_the_project_does_not_have_is_refused() -> None:
    """With those that it has."""
    profile = replace(PROFILE, endpoints=tuple(Endpoint(name=name, path=f"/{name}/", hears="sender") for name in "ab"))

    assert read(endpoint=["b"]).served(profile) == profile
    with pytest.raises(
        OptionError, match=r"^--endpoint c is none of the project's: write --endpoint a or --endpoint b\.$"
    ):
        read(endpoint=["c"]).served(profile)


def test_a_known_failure_that_was_not_looked_for_everywhere_is_not_stale() -> None:
    """Where servers are left out, one that was to fail on them is not told to be removed."""
    held = Outcome(spec="s", claims=(MUST,), verdict=Verdict.HOLDS)

    assert read().exclusions([MUST], [held]) == [MUST]
    assert read(server=["daphne"]).exclusions([MUST], [held]) == []


def test_the_command_that_repeats_a_spec_serves_as_it_was_served() -> None:
    """What was asked for is asked for again, and nothing else."""
    plain = read().repeat(ABOUT, subject="my shop", fault=None, examples=0)
    assert plain == f"channels-conformance run --subject 'my shop' --claim {SHOULD}"

    served = read(server=["uvicorn"], workers="2").repeat(ABOUT, subject=".", fault="x", examples=9)
    assert served.endswith("--fault x --examples 9 --server uvicorn --workers 2")

    hurried = read(deadline=1.5, endpoint=["a"]).repeat(ABOUT, subject=".", fault=None, examples=0)
    assert hurried.endswith("--deadline 1.5 --endpoint a")

    layers = read(layer=["a.B", 'c.D:{"n": 1}']).repeat(ABOUT, subject=".", fault=None, examples=0, layer="c.D")
    assert layers.endswith("""--layer 'c.D:{"n": 1}'""")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"level": "mst"}, "--level mst is no level: write --level must or --level should or --level info."),
        ({"fail_on": "info"}, "--fail-on info is no level: write --fail-on must or --fail-on should."),
        (
            {"server": ["gunicorn"]},
            "--server gunicorn is no server of ours: write --server daphne or --server uvicorn or --server hypercorn",
        ),
        ({"workers": "0"}, "--workers 0 is no number of processes: write --workers 2, say."),
        ({"workers": "two"}, "--workers two is no number of processes: write --workers 2, say."),
        ({"workers": "-1"}, "--workers -1 is no number of processes: write --workers 2, say."),
        (
            {"layer": ["redis"]},
            "--layer redis: 'redis' is no dotted path of a class: write --layer package.module.Class",
        ),
        ({"layer": ["a.B:{no"]}, "--layer a.B: its settings are no JSON ("),
        ({"layer": ["a.B:[1]"]}, "--layer a.B: its settings must be a JSON object: write a.B:"),
        ({"layer": ["a.B", "a.B:{}"]}, "--layer a.B is given twice: judge it with other settings in a run of its own."),
        ({"deadline": 0.5}, "--deadline 0.5 is too short or too long: write --deadline 1 to 60."),
        ({"deadline": float("inf")}, "--deadline inf is too short or too long: write --deadline 1 to 60."),
        ({"shrinking": -1.0}, "--shrinking -1 is too short or too long: write --shrinking 0 to 60."),
        ({"level": "must", "claim": [SHOULD]}, f"No claim is left by --claim {SHOULD} and --level must: "),
    ],
)
def test_a_wrong_option_is_told_what_to_write(options: dict[str, Any], sentence: str) -> None:
    """Each says what is wrong, and what to write instead."""
    with pytest.raises(OptionError) as caught:
        read(**options)

    assert str(caught.value).startswith(sentence)


def test_a_server_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cannot be had is said to be missing before anything starts."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(OptionError, match="--server uvicorn is not installed here: run `pip install uvicorn`"):
        read(server=["uvicorn"])


def test_too_few_workers_for_the_servers_are_refused() -> None:
    """A server that no process is left for is named, with the two ways out."""
    with pytest.raises(OptionError, match="leaves no process for uvicorn: write --workers 2, or name fewer servers"):
        read(workers="1").served(PROFILE)
