"""A PostgreSQL of the run's own, made and started with the binaries that are installed on this machine."""

from __future__ import annotations

import glob
import os
import pwd
import re
import shutil
import signal
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from channels_conformance.services.guard import FOLDER_PREFIX, MEMORY
from channels_conformance.services.processes import Process, ServiceError, start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from channels_conformance.services.guard import Guard

PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian and Ubuntu keep initdb off the PATH
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
"""Where the binaries are if not on PATH; of several versions, the newest is taken."""

UNPRIVILEGED = "nobody"
"""Who the server runs as where we are root, whom PostgreSQL refuses to serve."""

LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
INITDB_DEADLINE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The data of a server, and what starts it."""

    binaries: Path
    data: Path
    log: Path
    guard: Guard
    user: pwd.struct_passwd | None

    def start(self, *, port: int, settings: Mapping[str, str]) -> Process:
        """Start the server on a port of the loopback interface; it may not answer yet."""
        own = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "dynamic_shared_memory_type": "mmap",  # within its folder, so that nothing outlives that
        }
        return start(
            [str(self.binaries / "postgres"), "-D", str(self.data), *options(own), *options(settings)],
            cwd=self.data,
            log=self.log,
            guard=self.guard,
            name="postgres",
            user=self.user,
            end=signal.SIGQUIT,  # at once: nothing of it is kept, and SIGTERM would wait for whoever is connected
        )


def options(settings: Mapping[str, str]) -> list[str]:
    """Return settings as the server's command line has them."""
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def make(*, user: str, password: str, folder: Path, guard: Guard) -> Cluster:
    """Make the data of a server with one user, who needs the password; logs lie in ``folder``.

    Raises :class:`ServiceError` where no binaries are installed, or where they fail.
    """
    found = binaries()
    owner = pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None
    home = _home(folder, guard, owner)
    secret, data = home / "password", home / "data"
    secret.touch(0o600)
    secret.write_text(password)
    if owner:
        for path in (home, secret):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    command = [str(found / "initdb"), "-D", str(data), "--username", user, "--pwfile", str(secret)]
    command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", LOCALE, "--no-sync"]
    process = start(command, cwd=home, log=folder / "initdb.log", guard=guard, user=owner)
    status = process.wait(INITDB_DEADLINE)
    if status != 0:
        process.kill()
        raise ServiceError(f"{found}/initdb failed: {process.last_words()}. Run it by hand to see why.")
    secret.unlink()
    return Cluster(binaries=found, data=data, log=folder / "postgres.log", guard=guard, user=owner)


def binaries() -> Path:
    """Return the folder of ``initdb`` and ``postgres``; raise :class:`ServiceError` where there is none."""
    on_path = shutil.which("postgres")
    folders = sorted((Path(found) for place in PLACES for found in glob.glob(place)), key=_version, reverse=True)  # noqa: PTH207 - absolute patterns
    for folder in [*([Path(on_path).resolve().parent] if on_path else []), *folders]:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return folder
    raise ServiceError("initdb and postgres are neither on PATH nor in the usual places. Install PostgreSQL's server.")


def _version(folder: Path) -> float:
    found = re.search(r"\d+(\.\d+)?", folder.parent.name)
    return float(found[0]) if found else 0


def _home(folder: Path, guard: Guard, owner: pwd.struct_passwd | None) -> Path:
    """Make the folder that the data lies in: in the run's own, or beside it where another user must get there."""
    if owner is None:
        home = folder / "postgres"
        home.mkdir(exist_ok=True)
        return home
    for place in (folder.parent, MEMORY):
        if _may_be_entered_by_all(place):
            home = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=place))
            guard.folder(home)
            return home
    raise ServiceError(
        f"PostgreSQL cannot run as root, and {owner.pw_name} may not enter {folder.parent}. "
        "Set TMPDIR to a folder that everybody may enter, such as /tmp."
    )


def _may_be_entered_by_all(folder: Path) -> bool:
    return folder.is_dir() and all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.resolve().parents))
