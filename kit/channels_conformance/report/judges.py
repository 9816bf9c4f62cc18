"""Which spec judges which claim, as the spec files say themselves."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def judges(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Return, for each claim's id, the names of the test functions that judge it, read without importing them."""
    found: dict[str, tuple[str, ...]] = {}
    for node in _functions(folder):
        for claim_id in _claimed(node):
            found[claim_id] = (*found.get(claim_id, ()), node.name)
    return found


def _claimed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for call in _calls(node):
        yield from (str(one.value) for one in call.args if isinstance(one, ast.Constant))


def _calls(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Call]:
    for call in node.decorator_list:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "claim":
            yield call


def needs(folder: Path) -> Mapping[str, frozenset[str]]:
    """Return what the specs that judge each claim need, as they say themselves, read without importing them."""
    found: dict[str, frozenset[str]] = {}
    for node in _functions(folder):
        said = {
            str(one.value)
            for call in _calls(node)
            for one in ast.walk(_keyword(call, "needs"))
            if isinstance(one, ast.Constant)
        }
        for claim_id in _claimed(node):
            found[claim_id] = found.get(claim_id, frozenset()) | said
    return found


def _keyword(call: ast.Call, name: str) -> ast.AST:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), ast.Tuple(elts=[]))


def _functions(folder: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node
