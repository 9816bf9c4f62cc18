"""The matrix of a page: what stands side by side in a chapter, and the verdict on each claim in each column.

A column is a run, or one of the servers or layers that a run judged one by one. A claim that was judged without regard
to them has one cell across all columns of its run.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from channels_conformance.report.comparison import heads
from channels_conformance.report.verdicts import Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Report = Mapping[str, Any]

COMPARED = ("server", "layer")
"""What a spec may be run once for each of, and readers want to see side by side. A project's endpoints are too many."""

_OWN = "default"  # the layer that the subject itself configures


@dataclass(slots=True, kw_only=True)
class Column:
    """One column of a chapter's matrix."""

    run: int
    value: str = ""  # the server or the layer, empty where the run was not told apart by one
    head: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: no verdict where the run did not judge the claim there."""

    verdict: Verdict | None
    span: int = 1


class Matrix:
    """The columns of one chapter, and its cells."""

    def __init__(self, reports: Sequence[Report], names: Sequence[str], chapter: str) -> None:
        self._specs = [{spec["spec"]: spec for spec in report["specs"]} for report in reports]
        self._claims: list[dict[str, Mapping[str, Any]]] = [
            {claim["id"]: claim for one in report["chapters"] if one["id"] == chapter for claim in one["claims"]}
            for report in reports
        ]
        self._parameter = self._compared()
        self.columns = [column for run, report in enumerate(reports) for column in self._of(run, report)]
        self._name(names)

    def cells(self, claim: str) -> list[Cell]:
        """Return the cells of a claim, which together span all columns."""
        return [
            cell for run, own in groupby(self.columns, lambda one: one.run) for cell in self._row(run, [*own], claim)
        ]

    def _row(self, run: int, columns: Sequence[Column], claim: str) -> Iterator[Cell]:
        found = self._claims[run].get(claim)
        specs = [self._specs[run][name] for name in found["specs"] if name in self._specs[run]] if found else []
        if found is None or not any(self._value(spec) for spec in specs):
            yield Cell(verdict=Verdict(found["verdict"]) if found else None, span=len(columns))
            return
        for column in columns:
            own = [Verdict(spec["verdict"]) for spec in specs if self._value(spec) in ("", column.value)]
            yield Cell(verdict=worst(own) if own else None)

    def _value(self, spec: Mapping[str, Any]) -> str:
        value: str = spec["parameters"].get(self._parameter, "")
        return value

    def _compared(self) -> str:
        """Return what the chapter compares: of several values, and most claims of one of the runs are judged by it."""
        for parameter in COMPARED:
            values, most = set(), False
            for specs, held in zip(self._specs, self._claims, strict=True):
                found = [
                    {specs[name]["parameters"].get(parameter, "") for name in claim["specs"] if name in specs} - {""}
                    for claim in held.values()
                ]
                values |= {value for one in found for value in one}
                most = most or sum(bool(one) for one in found) * 2 > len(found)
            if len(values) > 1 and most:
                return parameter
        return ""

    def _of(self, run: int, report: Report) -> Iterator[Column]:
        if not self._claims[run]:
            return
        specs = (self._specs[run].get(name) for claim in self._claims[run].values() for name in claim["specs"])
        values = sorted({self._value(spec) for spec in specs if spec} - {""}, key=lambda one: (one != _OWN, one))
        own = report["facts"]["layer"].rpartition(".")[2]
        shown = heads([value for value in values if value != _OWN], report["facts"]["versions"])
        for value in values:
            yield Column(run=run, value=value, head=f"{own} (own)" if value == _OWN else shown.pop(0))
        if not values:
            yield Column(run=run)

    def _name(self, names: Sequence[str]) -> None:
        """Put the name of its run into the head of each column, where there are several runs to be told apart."""
        several = len({column.run for column in self.columns}) > 1
        for column in self.columns:
            if not column.head:
                column.head = names[column.run] if len(names) > 1 else ""
            elif several:
                column.head = f"{names[column.run]}: {column.head}"
