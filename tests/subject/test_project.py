"""The project is found by what its files say."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels_conformance.subject.profile import ProfileError
from channels_conformance.subject.project import find_project

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'


@pytest.fixture(autouse=True)
def _no_settings_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)


def lay(folder: Path, files: dict[str, str]) -> Path:
    """Write some files into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_manage_py_names_the_settings(tmp_path: Path) -> None:
    """The module that manage.py puts into the environment is the project's."""
    project = find_project(lay(tmp_path, {"manage.py": MANAGE, "shop/settings.py": ""}))

    assert (project.root, project.settings) == (tmp_path, "shop.settings")


@pytest.mark.parametrize(
    "line",
    [
        'os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"',
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", os.environ.get("SHOP_SETTINGS", "shop.settings"))',
    ],
)
def test_settings_may_be_named_in_other_ways(tmp_path: Path, line: str) -> None:
    """An assignment does as well, and so does a default that something else may replace."""
    project = find_project(lay(tmp_path, {"manage.py": f"import os\n{line}\n", "shop/settings.py": ""}))

    assert project.settings == "shop.settings"


def test_settings_may_be_a_package(tmp_path: Path) -> None:
    """Settings split over several files are a package."""
    files = {"manage.py": MANAGE.replace("shop.settings", "shop.settings.local"), "shop/settings/local.py": ""}

    assert find_project(lay(tmp_path, files)).settings == "shop.settings.local"


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user has set is what the user means, where the project has it."""
    lay(tmp_path, {"manage.py": MANAGE, "shop/settings.py": "", "shop/testing.py": ""})

    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "shop.testing")
    assert find_project(tmp_path).settings == "shop.testing"

    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "another.project")
    assert find_project(tmp_path).settings == "shop.settings"


def test_the_project_may_lie_one_folder_below(tmp_path: Path) -> None:
    """A repository often keeps its project in src or backend."""
    lay(tmp_path, {"backend/manage.py": MANAGE, "backend/shop/settings.py": "", "node_modules/manage.py": MANAGE})

    assert find_project(tmp_path).root == tmp_path / "backend"


def test_a_project_needs_no_manage_py(tmp_path: Path) -> None:
    """What asgi.py says is enough."""
    project = find_project(lay(tmp_path, {"shop/asgi.py": MANAGE, "shop/settings.py": ""}))

    assert project.settings == "shop.settings"


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"readme.txt": ""}, "{here} holds no manage.py, nor an asgi.py one folder below"),
        ({"one/manage.py": MANAGE, "two/manage.py": MANAGE}, r"{here} holds several projects \(one, two\): name one"),
        ({"manage.py": "print(1)\n"}, "{here}: neither manage.py nor asgi.py says which settings the project has"),
        ({"manage.py": "def ("}, "{here}: neither manage.py nor asgi.py says which settings the project has"),
        ({"manage.py": MANAGE}, "manage.py names the settings shop.settings, and there is no such module in {here}"),
    ],
)
def test_what_is_no_project_is_told_in_a_sentence(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    """What is missing is said, and what to do."""
    with pytest.raises(ProfileError, match=sentence.format(here=tmp_path)):
        find_project(lay(tmp_path, files))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A folder that does not exist is no project either."""
    with pytest.raises(ProfileError, match=r"nowhere is no folder: name the one that holds manage\.py\."):
        find_project(tmp_path / "nowhere")
