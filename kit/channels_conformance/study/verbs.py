"""The verbs of ``channels-conformance study``: thin over the workbook, the check and the card."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from channels_conformance import claims
from channels_conformance.exercises import FaultError
from channels_conformance.report import terminal
from channels_conformance.report.words import word
from channels_conformance.sentences import Wrong, sentences
from channels_conformance.specfiles import specs_folder
from channels_conformance.study.checking import Checked, check
from channels_conformance.study.exercise import Exercise, exercises
from channels_conformance.study.workbook import StudyError, Workbook, find

if TYPE_CHECKING:
    from channels_conformance.claims import Catalogue

WRONG = (StudyError, FaultError, claims.CatalogueError)

_lang = click.option(
    "--lang", type=click.Choice(claims.LANGUAGES), default="en", help="The language of what you are told."
)


@click.group(invoke_without_command=True)
@click.option("--chapter", multiple=True, metavar="NAME", help="Only exercises of this chapter; repeatable.")
@_lang
@click.pass_context
def study(context: click.Context, chapter: tuple[str, ...], lang: str) -> None:
    """Repair small apps that each break a claim; without a verb, list them and what is done."""
    if context.invoked_subcommand:
        return
    catalogue = claims.load()
    with sentences(*WRONG):
        wanted = {catalogue.chapter(name).id for name in chapter} or {one.id for one in catalogue.chapters}
        workbook = Workbook.open(Path.cwd())
    found = [one for one in exercises(catalogue, specs_folder()) if one.fault.chapter in wanted]
    for chapter_id, group in groupby(found, key=lambda one: one.fault.chapter):
        click.secho(catalogue.chapter(chapter_id).title.in_(lang), bold=True)
        for one in group:
            click.echo(f"  {_sign(workbook, one.name)} {'*' * one.lesson.difficulty:<3} {one.name}")
            click.echo(f"        {one.lesson.title.in_(lang)}")
    done = sum(progress.done for progress in workbook.begun.values())
    click.echo(f"\n{word('done', lang).format(done=done, all=len(found))}")


@study.command()
@click.argument("name")
@_lang
def start(name: str, lang: str) -> None:
    """Copy an exercise into a folder of this folder: a small project that runs, with one thing wrong."""
    catalogue = claims.load()
    with sentences(*WRONG):
        exercise = find(name, exercises(catalogue, specs_folder()))
        root = Workbook.open(Path.cwd()).start(exercise)
    click.echo(f"{root}\n{exercise.lesson.title.in_(lang)}")
    for line in _takes(exercise, lang):
        click.echo(line)
    click.echo(word("begin", lang))


@study.command("check")
@click.argument("name", required=False)
@_lang
def check_(name: str | None, lang: str) -> None:
    """Judge the exercise that you work on, or the one named: only by the claims that it is about."""
    with sentences(*WRONG):
        workbook, exercise = _chosen(name)
    checked = _check(workbook, exercise, lang)
    if not checked.passed:
        raise SystemExit(1)


@study.command()
@click.argument("name", required=False)
@_lang
def hint(name: str | None, lang: str) -> None:
    """Give a hint, and one a step nearer each time."""
    with sentences(*WRONG):
        workbook, exercise = _chosen(name)
    number = workbook.hint(exercise)
    click.echo(
        f"{word('hint', lang)} {number + 1}/{len(exercise.lesson.hints)}: {exercise.lesson.hints[number].in_(lang)}"
    )


@study.command()
@click.argument("name", required=False)
@click.option("--yes", is_flag=True, help="Do not ask first.")
@_lang
def solution(name: str | None, yes: bool, lang: str) -> None:  # noqa: FBT001 -- click passes a flag by name
    """Show what mends the exercise, as a diff from what you have, after asking."""
    with sentences(*WRONG):
        workbook, exercise = _chosen(name)
    if not yes:
        click.confirm(word("sure", lang), abort=True)
    for line in exercise.solution(workbook.root(exercise.name)):
        click.secho(line, fg={"+": "green", "-": "red"}.get(line[:1]))
    click.echo(f"\n{exercise.lesson.explanation.in_(lang)}")


@study.command()
@click.argument("name", required=False)
@_lang
def watch(name: str | None, lang: str) -> None:
    """Judge the exercise again whenever a file of it is saved, until it is mended."""
    try:
        import watchfiles
    except ImportError:
        raise Wrong("study watch needs watchfiles: pip install watchfiles. study check works without.") from None
    with sentences(*WRONG):
        workbook, exercise = _chosen(name)
    if _check(workbook, exercise, lang).passed:
        return
    for _ in watchfiles.watch(
        workbook.root(exercise.name), watch_filter=watchfiles.PythonFilter(extra_extensions=(".html",))
    ):
        click.echo(f"\n{time.strftime('%H:%M:%S')} {exercise.name}")
        if _check(workbook, exercise, lang).passed:
            return


def _check(workbook: Workbook, exercise: Exercise, lang: str) -> Checked:
    checked = check(exercise, workbook.root(exercise.name))
    workbook.note(exercise, done=checked.passed)
    for line in _told(checked, exercise, claims.load(), lang):
        click.echo(line)
    return checked


def _told(checked: Checked, exercise: Exercise, catalogue: Catalogue, lang: str) -> Iterator[str]:
    if checked.unusable:
        yield f"x {checked.unusable}"
    elif checked.violated:
        yield terminal.failure(checked.violated[0], catalogue, lang, without=("hint", "answer", "so", "deviations"))
        others = {one for outcome in checked.violated[1:] for one in outcome.claims} - {*checked.violated[0].claims}
        yield from (f"x {claim_id}" for claim_id in sorted(others))
    elif checked.unproven:
        yield from (f"? {reason}" for reason in checked.unproven)
        yield from _takes(exercise, lang)
    else:
        yield f"+ {word('mended', lang).format(name=exercise.name)}"
        yield exercise.lesson.explanation.in_(lang)


def _takes(exercise: Exercise, lang: str) -> Iterator[str]:
    if exercise.several:
        yield word("several", lang)
    if exercise.postgresql:
        yield word("postgresql", lang)


def _sign(workbook: Workbook, name: str) -> str:
    progress = workbook.begun.get(name)
    return " " if progress is None else "+" if progress.done else ">"


def _chosen(name: str | None) -> tuple[Workbook, Exercise]:
    workbook = Workbook.open(Path.cwd())
    return workbook, workbook.chosen(name, exercises(claims.load(), specs_folder()))
