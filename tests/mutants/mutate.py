"""From the text of a module to its mutants: copies with one small change each. Nothing is run here.

What is changed is what decides something: conditions, comparisons, constants, statements, arguments, what is returned,
raised, caught, listed or wrapped. Left alone is what no test could or should notice: docstrings, annotations, imports,
logging, f-strings and any text with a space in it, which is wording for people. So are changes that would be noticed by
whatever notices another one: ``==`` turned round in the condition of an ``if``, say, which is made True and False.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider, WhitespaceInclusivePositionProvider

from tests.mutants.sites import Site, Sites


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One module with one change in it, which all but ``line`` and ``source`` tell for as long as possible."""

    file: str
    within: str  # the function or class, with dots; empty: the module itself
    operator: str
    before: str  # the lines that differ, without what is around them
    after: str
    nth: int = 1  # which of several that are the same in all of the above
    line: int = field(default=0, compare=False)
    source: str = field(default="", compare=False, repr=False)

    @property
    def name(self) -> str:
        """What a line of the progress calls it."""
        return f"{self.file}:{self.line} {self.operator}: {self.before} -> {self.after or '(nothing)'}"


def mutants(text: str, file: str) -> list[Mutant]:
    """Return all mutants of a module's text, in the order of its lines."""
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    sites = Sites()
    wrapper.visit(sites)
    lines = text.splitlines(keepends=True)
    places = wrapper.resolve(PositionProvider)
    around = wrapper.resolve(WhitespaceInclusivePositionProvider)
    found = []
    for site in sites.found:
        whole = isinstance(site.old, cst.BaseExpression | cst.BaseCompOp | cst.BaseBinaryOp | cst.BaseBooleanOp)
        source = changed(wrapper.module, lines, site, (around if whole else places)[site.old])
        before, after = difference(text, source)
        found.append(
            Mutant(
                file=file,
                within=site.within,
                operator=site.operator,
                before=before,
                after=after,
                line=places[site.old].start.line,
                source=source,
            )
        )
    found.sort(key=lambda mutant: mutant.line)
    return list(_numbered(_new(found, text)))


def changed(module: cst.Module, lines: Sequence[str], site: Site, place: CodeRange) -> str:
    """Return the text of a module, whose lines are given, with what a site is to hold.

    Raises SyntaxError where that is no Python.
    """
    if isinstance(site.old, cst.BaseCompoundStatement | cst.ExceptHandler):
        replaced = module.deep_replace(site.old, site.new)  # slow, and knows how to indent
        source = replaced.code if isinstance(replaced, cst.Module) else ""
    else:
        new = "pass" if isinstance(site.new, cst.SimpleStatementLine) else module.code_for_node(site.new)
        start, end = place.start, place.end
        head = "".join(lines[: start.line - 1]) + lines[start.line - 1][: start.column]
        source = head + new + lines[end.line - 1][end.column :] + "".join(lines[end.line :])
    ast.parse(source)
    return source


def difference(before: str, after: str) -> tuple[str, str]:
    """Return the lines in which two texts differ, each joined to one and without indentation."""
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return _joined(old), _joined(new)


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines).strip()


def _new(found: list[Mutant], text: str) -> Iterator[Mutant]:
    """Leave out what reads as the original does, or as another mutant."""
    seen = {text}
    for mutant in found:
        if mutant.source not in seen:
            seen.add(mutant.source)
            yield mutant


def _numbered(found: Iterator[Mutant]) -> Iterator[Mutant]:
    seen: Counter[Mutant] = Counter()
    for mutant in found:
        seen[mutant] += 1
        yield replace(mutant, nth=seen[mutant])
