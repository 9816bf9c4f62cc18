"""A profile is found in its file or in pyproject.toml, and what cannot be read is named in one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from channels_conformance.subject.profile import Profile, ProfileError
from channels_conformance.subject.reading import load


def test_the_file_comes_before_the_table(tmp_path: Path) -> None:
    """conformance.toml is read where there is one, whatever pyproject.toml says."""
    (tmp_path / "conformance.toml").write_text('settings = "one"\n')
    (tmp_path / "pyproject.toml").write_text('[tool.channels-conformance]\nsettings = "two"\n')

    assert load(tmp_path) == Profile(root=tmp_path.resolve(), settings="one")


def test_the_table_serves_as_well(tmp_path: Path) -> None:
    """A table of pyproject.toml is a profile too, and errors name it."""
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text('[tool.channels-conformance]\nsettings = "two"\n[tool.channels-conformance.endpoints.x]\n')

    with pytest.raises(ProfileError, match=re.escape(f'{pyproject} [tool.channels-conformance] [endpoints.x]: "path"')):
        load(tmp_path)

    pyproject.write_text('[tool.channels-conformance]\nsettings = "two"\n')
    assert load(tmp_path).settings == "two"


@pytest.mark.parametrize("pyproject", [None, "", "[tool.other]\n", "[project]\nname = 'shop'\n"])
def test_a_folder_without_a_profile_is_named(tmp_path: Path, pyproject: str | None) -> None:
    """Where neither the file nor the table is there, the sentence names the folder and both."""
    if pyproject is not None:
        (tmp_path / "pyproject.toml").write_text(pyproject)

    with pytest.raises(ProfileError) as caught:
        load(tmp_path)

    either = "conformance.toml nor [tool.channels-conformance] in pyproject.toml"
    assert str(caught.value) == f"{tmp_path} holds neither {either}: write one of them."


@pytest.mark.parametrize(
    ("pyproject", "sentence"),
    [
        ("tool = 3\n", "[tool] must be a table, not 3."),
        ("[tool]\nchannels-conformance = 3\n", "must be a table, not 3."),
    ],
)
def test_what_should_be_a_table_and_is_not_is_named(tmp_path: Path, pyproject: str, sentence: str) -> None:
    """A value in place of the table is refused like any other mistake."""
    (tmp_path / "pyproject.toml").write_text(pyproject)

    with pytest.raises(ProfileError, match=re.escape(sentence)):
        load(tmp_path)


@pytest.mark.parametrize("written", [b'settings = "one\n', b"settings = one\n", b'settings = "\xff"\n'])
def test_what_is_no_toml_is_named(tmp_path: Path, written: bytes) -> None:
    """A file that cannot be parsed is named in one sentence, with the place of the mistake."""
    path = tmp_path / "conformance.toml"
    path.write_bytes(written)

    with pytest.raises(ProfileError) as caught:
        load(tmp_path)

    assert str(caught.value).startswith(f"{path} is not valid TOML: ")
    assert "\n" not in str(caught.value)
