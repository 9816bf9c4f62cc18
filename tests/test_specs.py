"""The specs and the catalogue name each other without a hole."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels_conformance import claims, exercises
from channels_conformance.specfiles import specs_folder

SPECS = sorted(specs_folder().glob("test_*.py"))


def _specs() -> Iterator[tuple[Path, ast.AsyncFunctionDef | ast.FunctionDef, ast.Call]]:
    """Yield each spec with the call of ``claim`` that declares it."""
    for path in SPECS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name.startswith("test_"):
                calls = [one for one in node.decorator_list if isinstance(one, ast.Call)]
                declared = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "claim"]
                assert len(declared) == 1, f"{path.name}: {node.name} must name its claims once"
                yield path, node, declared[0]


def _ids(call: ast.Call) -> list[str]:
    return [str(argument.value) for argument in call.args if isinstance(argument, ast.Constant)]


def test_every_claim_is_judged_by_a_spec() -> None:
    """No claim of the catalogue is left without a spec."""
    named = {claim_id for _, _, call in _specs() for claim_id in _ids(call)}

    assert {claim.id for claim in claims.load()} - named == set()


def test_every_spec_names_a_claim_that_exists() -> None:
    """Each spec names at least one claim, and only claims of the catalogue."""
    known = {claim.id for claim in claims.load()}

    for path, node, call in _specs():
        assert _ids(call), f"{path.name}: {node.name} names no claim"
        assert set(_ids(call)) <= known, f"{path.name}: {node.name}"


def test_every_spec_says_its_level_and_source() -> None:
    """Each spec names the level that the catalogue gives its claims, and where the rule comes from."""
    levels = {claim.id: claim.level for claim in claims.load()}

    for path, node, call in _specs():
        said = {keyword.arg: keyword.value for keyword in call.keywords}
        level = said["level"]
        assert isinstance(level, ast.Constant)
        assert {levels[claim_id] for claim_id in _ids(call)} == {level.value}, f"{path.name}: {node.name}"
        assert "source" in said, f"{path.name}: {node.name}"


def test_every_spec_states_its_behaviour_in_a_sentence() -> None:
    """A spec's docstring begins with the behaviour, as a sentence."""
    for path, node, _ in _specs():
        title = (ast.get_docstring(node) or "").partition("\n")[0]
        assert title.endswith("."), f"{path.name}: {node.name}"


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_spec_file_is_one_chapter_long(path: Path) -> None:
    """A file of more than 250 lines is two chapters."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 260


@pytest.mark.parametrize("name", exercises.names())
def test_a_fault_names_claims_that_exist_and_changes_that_fit(name: str, tmp_path: Path) -> None:
    """Each planted fault breaks claims of the catalogue, and its change still fits the reference app."""
    fault = exercises.load(name)

    for claim_id in fault.breaks:
        claims.load().claim(claim_id)
    assert exercises.plant(fault, tmp_path).is_dir()
