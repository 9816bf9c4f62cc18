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
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for claim_id in _claimed(node):
                    found[claim_id] = (*found.get(claim_id, ()), node.name)
    return found


def _claimed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for call in node.decorator_list:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "claim":
            yield from (str(one.value) for one in call.args if isinstance(one, ast.Constant))
