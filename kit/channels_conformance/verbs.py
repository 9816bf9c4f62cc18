"""The verbs that judge nothing and only read: the catalogue of claims, and the reports of runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import get_args

import click

from channels_conformance import claims
from channels_conformance.claims import CatalogueError, Level, NotesVerdict, Scope
from channels_conformance.report import card, comparison, document, shapes
from channels_conformance.report import html as html_report
from channels_conformance.report.html import ReportError
from channels_conformance.report.judges import judges
from channels_conformance.sentences import sentences
from channels_conformance.specfiles import specs_folder

WRONG = (CatalogueError, ReportError)


@click.command()
@click.argument("reports", metavar="REPORT.json...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", "-o", metavar="FILE", type=click.Path(path_type=Path), help="Where to write; the screen.")
@click.option("--lang", type=click.Choice(claims.LANGUAGES), default="en", help="The language that is shown first.")
def html(reports: tuple[Path, ...], output: Path | None, lang: str) -> None:
    """Make one HTML page of the reports of one run, or of several side by side."""
    with sentences(*WRONG):
        page = html_report.page([html_report.read(path) for path in reports], claims.load(), lang)
    if output is None:
        click.echo(page, nl=False)
    else:
        html_report.write(page, output)


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def compare(old: Path, new: Path) -> None:
    """Say what was gained and lost between two reports of a run; the exit code is 1 where a claim was lost."""
    with sentences(*WRONG):
        changes = shapes.compare(html_report.read(old), html_report.read(new))
    for line in shapes.compared(changes):
        click.echo(line)
    if any(change == "lost" for change, *_ in changes):
        raise SystemExit(1)


@click.command()
@click.argument("report", metavar="REPORT.json", type=click.Path(path_type=Path))
@click.option(
    "--by", type=click.Choice(comparison.PARAMETERS), default="layer", help="What stands side by side: layers, say."
)
@click.option("--lang", type=click.Choice(claims.LANGUAGES), default="en", help="The language of the statements.")
def table(report: Path, by: str, lang: str) -> None:
    """Print a Markdown table of what a JSON report says of each claim for each layer, server or endpoint."""
    with sentences(*WRONG):
        lines = comparison.table(html_report.read(report), by, lang)
    if not lines:
        raise click.ClickException(f"No claim of {report} was judged by {by}; name another, as in --by server.")
    for line in lines:
        click.echo(line)


@click.command("claims")
@click.option("--chapter", multiple=True, metavar="NAME", help="Only claims of this chapter; repeatable.")
@click.option("--level", type=click.Choice(get_args(Level)), help="Only claims of this level.")
@click.option("--scope", type=click.Choice(get_args(Scope)), help="Only claims about this.")
@click.option("--notes", type=click.Choice(get_args(NotesVerdict)), help="Only where this was found of the notes.")
@click.option("--of-notes", is_flag=True, help="The statements of the notes instead: who judges each, what is so.")
@click.option(
    "--of-facts", is_flag=True, help="The defects and rules that the claims rest on instead: who judges each."
)
@click.option("--deviations", is_flag=True, help="What platforms are known for instead, as a Markdown list.")
@click.option("--markdown", is_flag=True, help="Everything that is said of the claims, as one Markdown document.")
@click.option("--lang", type=click.Choice(claims.LANGUAGES), default="en", help="The language of the texts.")
def listed(
    chapter: tuple[str, ...],
    level: str | None,
    scope: str | None,
    notes: str | None,
    of_notes: bool,  # noqa: FBT001 -- click passes a flag by name
    of_facts: bool,  # noqa: FBT001
    deviations: bool,  # noqa: FBT001
    markdown: bool,  # noqa: FBT001
    lang: str,
) -> None:
    """List the claims: id, level and statement. `list` does the same."""
    if of_notes and markdown:
        raise click.UsageError("--markdown holds the table that --of-notes prints; give one of the two.")
    if of_facts and (of_notes or markdown or notes):
        raise click.UsageError("--of-facts prints a table of its own; leave out --of-notes, --notes and --markdown.")
    if deviations and (of_notes or markdown):
        raise click.UsageError("--deviations prints a list of its own; give it without --of-notes and --markdown.")
    catalogue = claims.load()
    with sentences(*WRONG):
        chapters = [catalogue.chapter(name) for name in chapter] or list(catalogue.chapters)
    fitting = [
        claim
        for one in chapters
        for claim in one.claims
        if level in (None, claim.level) and scope in (None, claim.scope)
    ]
    if of_facts:
        ids = {claim.id for claim in fitting}
        facts = [one for one in catalogue.facts if len(ids) == len(catalogue) or ids & set(one.claims)]
        _print(document.facts_table(facts, judges(specs_folder()), lang))
        return
    if of_notes:
        ids = {claim.id for claim in fitting}
        statements = [
            one
            for one in catalogue.statements
            if notes in (None, one.verdict) and (len(ids) == len(catalogue) or ids & set(one.claims))
        ]
        _print(document.table(statements, judges(specs_folder()), lang))
        return
    fitting = [claim for claim in fitting if notes in (None, claim.notes.verdict)]
    if deviations:
        _print(document.deviations(catalogue, fitting, lang))
        return
    if markdown:
        _print(document.document(catalogue, fitting, judges(specs_folder()), lang))
    else:
        _print(document.listing(chapters, fitting, lang))


also_listed = copy(listed)
"""The verb by the name that one may type first."""
also_listed.hidden = True  # told once: by the help of the other


def _print(lines: Sequence[str]) -> None:
    """Print what was found, or say that nothing was."""
    if not lines:
        raise click.ClickException("No claim fits all of these filters; leave one out.")
    for line in lines:
        click.echo(line)


@click.command()
@click.argument("claim_id", metavar="ID")
@click.option("--lang", type=click.Choice(claims.LANGUAGES), default="en", help="The language of the card.")
def explain(claim_id: str, lang: str) -> None:
    """Show the card of one claim: what is so, why it matters, a question, a hint and the answer.

    The id of a statement of the notes, such as C-04, shows what is really so of it, and which claims judge it; that of
    a defect or a rule, such as D9 or N3, what it is and which claims judge it.
    """
    catalogue = claims.load()
    with sentences(*WRONG):
        if claim_id.startswith("C-"):
            lines = card.statement(catalogue.statement(claim_id), lang)
        elif re.fullmatch(r"[DN]\d+", claim_id):
            lines = card.fact(catalogue.fact(claim_id), lang)
        else:
            lines = card.lines(catalogue.claim(claim_id), catalogue, lang)
    _print(lines)
