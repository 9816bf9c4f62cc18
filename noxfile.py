"""Sessions of the project: ``nox -s specs`` judges the reference app, ``nox -s tests`` tests the kit itself."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.4"
nox.options.sessions = ["specs", "tests"]
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
PYTHONS = ["3.11", "3.12", "3.13"]
DJANGOS = ["4.2", "5.2", "6.0"]
PROJECT = ".[embedded,reference]"
LAYERS = [
    "channels.layers.InMemoryChannelLayer",
    "channels_redis.core.RedisChannelLayer",
    "channels_redis.pubsub.RedisPubSubChannelLayer",
    "channels_lite.layers.core.SQLiteChannelLayer",
    "channels_nats.NatsChannelLayer",
    "channels_postgres.core.PostgresChannelLayer",
    "channels_valkey.core.ValkeyChannelLayer",
    "channels_valkey.pubsub.ValkeyPubSubChannelLayer",
]
ALL_SERVERS = ".[embedded,reference,servers]"
EVERYTHING = ".[embedded,reference,servers,browser]"
# What servers do by themselves changes with their versions alone, and what a page does takes a browser: each is a part
# of its own, the sessions servers and browser.
APART = ("--without", "servers", "--without", "frontend")
MAIN_JOB = ("channels-conformance", "run", "--subject", "reference", *APART)


@nox.session
def specs(session: nox.Session) -> None:
    """Judge the reference app by all specs: the main job."""
    session.install(PROJECT, "pytest-xdist>=3.6")
    session.run(*MAIN_JOB, *_side_by_side(session), *session.posargs, success_codes=[0])


def _side_by_side(session: nox.Session) -> list[str]:
    """Return the options that have specs run in two processes, each with servers of its own, unless told otherwise."""
    told = any(option.startswith("-n") for option in session.posargs)
    return [] if told else ["-n", "2"]


@nox.session
def servers(session: nox.Session) -> None:
    """Judge what Daphne, Uvicorn, Hypercorn and Granian do by themselves, each claim on all four."""
    session.install(ALL_SERVERS)
    command = ("channels-conformance", "run", "--subject", "reference", "--chapter", "servers")
    session.run(*command, *session.posargs, success_codes=[0])


@nox.session
def layers(session: nox.Session) -> None:
    """Judge channel layers of other people beside those of Channels, and print how they compare."""
    session.install(".[embedded,reference,postgres,layers]")
    report = Path(session.create_tmp()).resolve() / "layers.json"
    asked = [word for layer in LAYERS for word in ("--layer", layer)]
    run = ("channels-conformance", "run", "--subject", "reference", "--chapter", "layer", "--json", str(report))
    session.run(*run, *asked, *session.posargs, success_codes=[0])
    session.run("channels-conformance", "table", str(report), "--by", "layer")


@nox.session(reuse_venv=False)
def conformance(session: nox.Session) -> None:
    """Judge another project in an environment of the kit and what the project requires: ``-- PATH [OPTIONS]``."""
    if not session.posargs or session.posargs[0].startswith("-"):
        session.error("Name the project, and then the options: nox -s conformance -- PATH [OPTIONS].")
    path, *options = session.posargs
    root = Path(session.invoked_from, path).resolve()
    if not root.is_dir():
        session.error(f"{root} is no folder: name the one that holds the project's manage.py.")
    with session.chdir(root):  # what its requirements name as ./library, pip looks for where it is started
        session.install(f"{ROOT}[embedded]", *_requirements(session, root))
    with session.chdir(session.invoked_from):  # where the options' own files are, such as --json report.json
        session.run("channels-conformance", "run", "--subject", str(root), *options, success_codes=[0])


def _requirements(session: nox.Session, root: Path) -> list[str]:
    if (requirements := root / "requirements.txt").is_file():
        return ["-r", str(requirements)]
    if (pyproject := root / "pyproject.toml").is_file():
        found = nox.project.load_toml(pyproject).get("project", {}).get("dependencies", [])
        if found:
            return list(found)
    session.warn(
        f"{root} has neither a requirements.txt nor dependencies in its pyproject.toml: only the kit is there."
    )
    return []


@nox.session
def tests(session: nox.Session) -> None:
    """Test the kit itself."""
    groups = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "tests")
    session.install(".[embedded,reference,layers,servers]", *groups)
    session.run("pytest", "-n", "2", *(session.posargs or ["tests", "--ignore=tests/browser"]))


@nox.session
def browser(session: nox.Session) -> None:
    """Judge the reference app's page and the report in a real Chromium, and keep pictures of them in ``.artifacts``."""
    groups = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "tests", "browser")
    session.install(EVERYTHING, *groups)
    session.run("channels-conformance", "run", "--subject", "reference", "--chapter", "frontend", *session.posargs)
    session.run("pytest", "tests/browser", env={"CHANNELS_CONFORMANCE_NEEDS_BROWSER": "1"})


@nox.session
def kills(session: nox.Session) -> None:
    """Play every planted fault on all specs that it can reach, and hold the matrix: ``-- [FAULT...] [OPTIONS]``."""
    session.install(EVERYTHING, "psycopg[binary]>=3.1")
    session.run("python", "-m", "tests.kills", *session.posargs)


@nox.session
def variants(session: nox.Session) -> None:
    """Judge apps that are right and differ from each other, and let none be accused: ``-- [NAME...] [OPTIONS]``."""
    groups = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "tests")
    session.install(PROJECT, *groups)
    session.run("python", "-m", "tests.variants", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the reference app and the checks in small ways, and hold specs and tests to noticing: ``-- [FILE...]``."""
    session.install(EVERYTHING, *nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "tests"))
    session.run("python", "-m", "tests.mutants", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what the study notes say of speed and memory, and what the kit costs: ``-- [NAME...] [--json FILE]``."""
    session.install(PROJECT)
    session.run("python", "-m", "tests.bench", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and layout of the code."""
    session.install(*nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the kit, the specs, the tests and the reference app."""
    groups = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "types", "tests")
    session.install("-e", EVERYTHING, "nox", *groups)
    session.run("mypy")


@nox.session(python=PYTHONS)
@nox.parametrize("django", DJANGOS)
def matrix(session: nox.Session, django: str) -> None:
    """Judge the reference app on every Python and Django that go together."""
    if (django == "6.0" and session.python == "3.11") or (django == "4.2" and session.python == "3.13"):
        session.skip(f"Django {django} is not made for Python {session.python}")
    session.install(PROJECT, "pytest-xdist>=3.6", f"django~={django}.0")
    session.run(*MAIN_JOB, "-q", *_side_by_side(session), *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """Build the wheel, look inside, install it in an empty environment and run the specs from another folder."""
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.install("build")
    session.run("python", "-m", "build", "--wheel", "--outdir", str(dist), silent=True)
    (wheel,) = dist.glob("*.whl")
    _look_inside(session, wheel)
    elsewhere = Path(session.create_tmp()).resolve()
    python = elsewhere / "empty" / "bin" / "python"
    session.run("python", "-m", "venv", "--clear", str(elsewhere / "empty"))
    session.run(str(python), "-m", "pip", "install", "-q", f"{wheel}[embedded,reference]", external=True)
    with session.chdir(elsewhere):
        command = python.with_name("channels-conformance")
        quiet = ("-W", "error::pytest.PytestWarning")  # what an installed kit may draw upon itself, and a clone may not
        session.run(str(command), *MAIN_JOB[1:], "-q", *quiet, *session.posargs, external=True)
        specs = ("--pyargs", "channels_conformance.specs", "--subject", "reference", "--chapter", "routing")
        session.run(str(python), "-m", "pytest", *specs, *session.posargs, external=True)


def _look_inside(session: nox.Session, wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.partition("/")[0] for name in names}
    expected = {path.name for path in (ROOT / "specs").glob("*.py")}
    carried = {Path(name).name for name in names if name.startswith("channels_conformance/specs/")}
    if {top for top in tops if not top.endswith(".dist-info")} != {"channels_conformance"}:
        session.error(f"the wheel installs more than one top-level name: {sorted(tops)}")
    if not expected <= carried:
        session.error(f"the wheel lacks specs: {sorted(expected - carried)}")
    for needed in (
        *("py.typed", "specs.ini", "report/report.schema.json", "report/history.schema.json"),
        *("report/templates/report.html", "report/templates/evidence.html", "report/templates/report.css"),
        *("reference/manage.py", "reference/conformance.toml", "claims/fanout.toml", "exercises/flushes_twice.toml"),
    ):
        if f"channels_conformance/{needed}" not in names:
            session.error(f"the wheel lacks {needed}")
    if stray := [name for name in names if "__pycache__" in name or name.endswith((".sqlite3", ".pyc"))]:
        session.error(f"the wheel carries what it must not: {stray}")
    session.log(
        f"{wheel.name}: {len(names)} files, {len(carried)} of them specs, all there. Python {sys.version_info[:2]}"
    )
