"""Whatever is wrong with a project, a profile or an option, one clear sentence says what, where and what to do.

No traceback is ours, and nothing is left behind.
"""

from __future__ import annotations

import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.whole.conftest import WITHOUT_REDIS, Result, Run
from tests.whole.traces import nothing_runs
from tests.whole.wrong import ASGI, PROFILE, SETTINGS, project

WAITS = "import threading\nthreading.Event().wait()\n"
ENDS = "import os, sys\nprint('the licence expired')\nsys.stdout.flush()\nos._exit(3)\n"
NO_SETTING = SETTINGS.replace("ASGI_APPLICATION", "NOT_ASGI_APPLICATION")


@dataclass(frozen=True)
class Wrong:
    """One wrong input: what is wrong with the project, what is asked for, and what the sentence must say."""

    says: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = WITHOUT_REDIS


REFUSED = {
    "settings that raise ImportError": Wrong(
        ("site_of_a_user/settings.py:1", "No module named 'no_such_library'", "Mend that first"),
        {"settings": "import no_such_library\n"},
    ),
    "settings that raise ImportError, named by a profile": Wrong(
        ("site_of_a_user/settings.py:1", "No module named 'no_such_library'", 'Check "settings"'),
        {"settings": "import no_such_library\n", "conformance": PROFILE},
    ),
    "no settings module": Wrong(
        ("manage.py names the settings site_of_a_user.settings", "no such module", 'settings = "package.settings"'),
        {"settings": ""},
    ),
    "a settings module that manage.py does not name": Wrong(
        ("says which settings the project has", "set DJANGO_SETTINGS_MODULE"),
        {"manage": "\n", "asgi": ""},
    ),
    "a syntax error in the settings": Wrong(
        ("SyntaxError", "was never closed", "site_of_a_user/settings.py:1", "Mend that first"), {"settings": "X = (\n"}
    ),
    "settings that end the process": Wrong(
        ("ended the process with status 3", "the licence expired", "raise an exception"), {"settings": ENDS}
    ),
    "no ASGI application": Wrong(
        ("no ASGI_APPLICATION and no asgi.py", 'Add ASGI_APPLICATION = "package.asgi.application"'),
        {"settings": NO_SETTING, "asgi": ""},
    ),
    "no ASGI application, with a profile": Wrong(
        ("has no ASGI_APPLICATION", 'Add ASGI_APPLICATION = "package.asgi.application"'),
        {"settings": NO_SETTING, "asgi": "", "conformance": PROFILE},
    ),
    "asgi.py that raises": Wrong(
        ("RuntimeError: no licence", "site_of_a_user/asgi.py:1", "Mend that first"),
        {"asgi": "raise RuntimeError('no licence')\n"},
    ),
    "asgi.py that raises, with a profile": Wrong(
        ("RuntimeError: no licence", "site_of_a_user/asgi.py:1", "Mend that first"),
        {"asgi": "raise RuntimeError('no licence')\n", "conformance": PROFILE},
    ),
    "asgi.py that exits": Wrong(
        ("ended the process with status 1", "the licence expired", "raise an exception"),
        {"asgi": "raise SystemExit('the licence expired')\n"},
    ),
    "asgi.py that ends the process": Wrong(
        ("ended the process with status 3", "the licence expired", "raise an exception"), {"asgi": ENDS}
    ),
    "asgi.py that ends the process, with a profile": Wrong(
        ("ended the process with status 3", "the licence expired", "raise an exception"),
        {"asgi": ENDS, "conformance": PROFILE},
    ),
    "an import that waits for ever": Wrong(
        ("did not end within 3 s", "site_of_a_user/consumers.py:2", "--import-deadline SECONDS"),
        {"consumers": WAITS},
        ("--import-deadline", "3", *WITHOUT_REDIS),
    ),
    "an import that waits for ever, with a profile": Wrong(
        ("did not end within 3 s", "site_of_a_user/consumers.py:2", "--import-deadline SECONDS"),
        {"consumers": WAITS, "conformance": PROFILE},
        ("--import-deadline", "3", *WITHOUT_REDIS),
    ),
    "no WebSocket route": Wrong(
        ("has no WebSocket route", 'give ProtocolTypeRouter a "websocket"'),
        {"asgi": ASGI.replace('"websocket"', '"lifespan"')},
    ),
    "no WebSocket route, with a profile": Wrong(
        ("has no WebSocket route", 'give ProtocolTypeRouter a "websocket"'),
        {"asgi": ASGI.replace('"websocket"', '"lifespan"'), "conformance": PROFILE},
    ),
    "a misspelt key": Wrong(
        ("conformance.toml [endpoints.echo]", 'no key "sya"', 'did you mean "say"?'),
        {"conformance": PROFILE.replace("say", "sya")},
    ),
    "a value of the wrong type": Wrong(
        ("conformance.toml: servers must be a list", 'write ["daphne"]'),
        {"conformance": PROFILE.replace('["daphne"]', '"daphne"')},
    ),
    "a path that is no route": Wrong(
        ('[endpoints.echo]: path = "/ws/ehco/" is no route of the project', 'write path = "/ws/echo/"'),
        {"conformance": PROFILE.replace("/ws/echo/", "/ws/ehco/")},
    ),
    "a task for no endpoint": Wrong(
        ("[tasks.report]", 'notifies cannot be "ehco"', 'did you mean "echo"?'),
        {"conformance": f'{PROFILE}[tasks.report]\ntask = "x.y"\nnotifies = "ehco"\n'},
    ),
    "a profile that is no TOML": Wrong(
        ("conformance.toml is not valid TOML", "line 1", "Texts stand in quotes"),
        {"conformance": "settings = site_of_a_user.settings\n"},
    ),
    "a model that does not exist": Wrong(
        ("[endpoints.echo]", 'names the model "auth.Usher"', 'did you mean "auth.User"?'),
        {"conformance": f'{PROFILE}stores = "auth.Usher.username"\n'},
    ),
    "a field that does not exist": Wrong(
        ("[endpoints.echo]", "Cannot resolve keyword 'nickname'", "Choices are"),
        {"conformance": f'{PROFILE}stores = "auth.User.nickname"\n'},
    ),
    "a claim that does not exist": Wrong(
        ("There is no claim 'lifecycle/conect-is-answered-once'", "did you mean 'lifecycle/connect-is-answered-once'"),
        arguments=("--claim", "lifecycle/conect-is-answered-once"),
    ),
    "a chapter that does not exist": Wrong(
        ("There is no chapter 'lifecycel'", "did you mean 'lifecycle'"), arguments=("--chapter", "lifecycel")
    ),
    "a Redis where nothing listens": Wrong(
        ("No Redis answers at redis://127.0.0.1:1/0", "Start it, or leave the URL out"),
        arguments=("--redis-url", "redis://127.0.0.1:1/0"),
    ),
    "a Redis on another host": Wrong(
        ("10.1.2.3 is not on this machine", "--allow-host 10.1.2.3"),
        arguments=("--redis-url", "redis://10.1.2.3:6379/0"),
    ),
    "a Redis whose address is no URL": Wrong(
        ("'127.0.0.1:6379' is not the URL of a Redis", "Write redis://127.0.0.1:6379/0"),
        arguments=("--redis-url", "127.0.0.1:6379"),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_judged_is_told_in_a_sentence(name: str, run: Run, tmp_path: Path) -> None:
    """The sentence says what is wrong, where, and what to do; nothing else is said, and the exit code is 4."""
    wrong = REFUSED[name]

    result = run(*wrong.arguments, cwd=project(tmp_path / "project", **wrong.files))

    refused(result, *wrong.says)
    nothing_runs(tmp_path)


def test_a_folder_that_holds_no_project_is_named(run: Run, tmp_path: Path) -> None:
    """Without manage.py, the sentence names the folder and says where to start."""
    refused(
        run(cwd=folder(tmp_path / "empty")), str(tmp_path / "empty"), "holds no manage.py", "name it with --subject"
    )


def test_a_folder_that_does_not_exist_is_named(run: Run) -> None:
    """A wrong --subject is named, with what it should be."""
    refused(run("--subject", "nowhere"), "nowhere is no folder", "name the one that holds manage.py")


def test_several_projects_are_named(run: Run, tmp_path: Path) -> None:
    """Where a folder holds several projects, each is named, and so is the option that chooses."""
    for name in ("blog", "shop"):
        project(tmp_path / "work" / name)

    refused(run(cwd=tmp_path / "work"), "several projects (blog, shop)", "name one with --subject")


def test_a_port_on_which_no_redis_answers_is_told(run: Run, tmp_path: Path) -> None:
    """What listens on the port and speaks otherwise than Redis is no Redis."""
    with some_other_service() as port:
        result = run("--redis-url", f"redis://127.0.0.1:{port}/0", cwd=project(tmp_path / "project"))

    refused(result, f"No Redis answers at redis://127.0.0.1:{port}/0", "Start it, or leave the URL out")


NO_UVICORN = """
import sys


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "uvicorn":
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, Finder)
"""


def test_a_server_that_is_not_installed_is_told(run: Run, tmp_path: Path) -> None:
    """A server that the profile names and that cannot be imported is named, with the command that installs it."""
    place = project(tmp_path / "project", conformance=PROFILE.replace("daphne", "uvicorn"))
    shim = folder(tmp_path / "shim")
    (shim / "sitecustomize.py").write_text(NO_UVICORN)

    result = run(*WITHOUT_REDIS, cwd=place, env={"PYTHONPATH": f"{shim}:{':'.join(filter(None, sys.path))}"})

    refused(result, 'servers names "uvicorn"', "uvicorn is not installed", "pip install uvicorn")


BROKEN_MIGRATION = """
from django.db import migrations


def fail(apps, schema_editor):
    raise RuntimeError("the old rows do not fit")


class Migration(migrations.Migration):
    operations = [migrations.RunPython(fail)]
"""

LOCKING_MIGRATION = """
import sqlite3

from django.db import migrations


def lock(apps, schema_editor):
    global held
    schema_editor.connection.settings_dict["OPTIONS"]["timeout"] = 0
    held = sqlite3.connect(schema_editor.connection.settings_dict["NAME"], isolation_level=None, timeout=0)
    held.execute("BEGIN EXCLUSIVE")


class Migration(migrations.Migration):
    atomic = False
    operations = [migrations.RunPython(lock)]
"""


@pytest.mark.parametrize(
    ("migration", "says"),
    [
        (BROKEN_MIGRATION, "RuntimeError: the old rows do not fit"),
        (LOCKING_MIGRATION, "OperationalError: database is locked"),
    ],
    ids=["does not apply", "locks"],
)
def test_migrations_that_do_not_apply_are_told_once(migration: str, says: str, run: Run, tmp_path: Path) -> None:
    """A test database that cannot be made ends the run at once, with the reason and the migration's own line."""
    place = project(
        tmp_path / "project", settings=SETTINGS.replace('["django', '["site_of_a_user", "django'), conformance=PROFILE
    )
    migrations = folder(place / "site_of_a_user" / "migrations")
    (migrations / "__init__.py").write_text("")
    (migrations / "0001_initial.py").write_text(migration)

    result = run(*WITHOUT_REDIS, "--chapter", "lifecycle", cwd=place)

    assert result.code == 4, result.output
    assert f"the test database cannot be made: {says}" in result.output
    assert result.output.count("ERROR at setup") == 1
    assert "Traceback" not in result.output
    nothing_runs(tmp_path)


def refused(result: Result, *says: str) -> None:
    """Make sure that a run ended at once with one sentence that says all this."""
    assert result.code == 4, result.output
    assert [word for word in says if word not in result.output] == [], result.output
    assert "Traceback" not in result.output
    assert len([line for line in result.output.splitlines() if line.strip()]) == 1, result.output
    assert result.report == {}


def folder(path: Path) -> Path:
    """Make a folder."""
    path.mkdir()
    return path


@contextmanager
def some_other_service() -> Iterator[int]:
    """Listen on a port with a service that answers everything in its own language; give the port."""

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.read(1)
            self.wfile.write(b"220 mail.example ESMTP\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()
