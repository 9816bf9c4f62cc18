"""The import of a project in a fresh process, as a server would import it, before anything of ours does.

So an import that waits for ever, or that ends its process, is something found and nothing suffered. It takes as long as
what judges takes to be imported here, and is begun first: whoever begins it must import little.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from channels_conformance.names import IMPORT_DEADLINE
from channels_conformance.report.transcript import shown
from channels_conformance.services.processes import Process, start_python
from channels_conformance.subject.overlay import Plan
from channels_conformance.subject.profile import NoProfile, Profile, ProfileError
from channels_conformance.subject.project import Project, find_project
from channels_conformance.subject.reading import load

if TYPE_CHECKING:
    from channels_conformance.services.guard import Guard

NOWHERE = "postgresql://nobody@127.0.0.1:9/nowhere"

PROCESS = "channels_conformance.subject.discovery.process"
ANSWER = "discovered.json"
STACK = "discovery.stack"

GRACE = 5.0
"""Seconds that the process has to start and to end, beside the import."""

LONGEST = 300
"""Characters of what a project said last that are told."""

_FRAME = re.compile(r'^  File "(.+)", line (\d+) in', re.MULTILINE)  # as faulthandler writes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A project that is being imported; :meth:`answer` waits for what was found."""

    project: Project
    profile: Profile | None  # None: the project has none
    folder: Path  # for the exchange
    deadline: float  # seconds
    process: Process | None  # None: somebody else has seen the project imported, and nothing else is asked for

    @classmethod
    def begin(
        cls,
        root: Path,
        *,
        folder: Path,
        guard: Guard,
        application: str = "",
        deadline: float = IMPORT_DEADLINE,
        imported: bool = False,
    ) -> Self:
        """Begin to import the project at ``root``, or in the one folder below that holds a ``manage.py``.

        Nothing of the project's is reached: the process has the settings overlay of a run without a Redis.
        ``application`` is imported in place of the project's own. ``imported``: another process of the run has seen the
        import end, and only what no profile tells needs to be asked for. Raises :class:`ProfileError` with one sentence
        where there is no project, or its profile is wrong.
        """
        project, profile = _described(root)
        plan = _plan(project, folder, application or (profile.application if profile else ""))
        process = None if profile and imported else _started(plan, folder, guard, deadline)
        return cls(project=project, profile=profile, folder=folder, deadline=deadline, process=process)

    def answer(self) -> dict[str, Any]:
        """Wait for the import and return what the process wrote down; nothing where none was started.

        Raises :class:`ProfileError` with one sentence where the import waits for ever, or ends its process.
        """
        if self.process is None:
            return {}
        status = self.process.wait(self.deadline + GRACE)
        last = self.process.last_words()
        self.process.kill()
        if (answer := self.folder / ANSWER).is_file():
            return dict(json.loads(answer.read_text(encoding="utf-8")))
        root, stack = str(self.project.root), self.folder / STACK
        waiting = stack.read_text(encoding="utf-8", errors="replace") if stack.is_file() else ""
        if status is None or waiting:
            place = next((f" in {file}:{line}" for file, line in _FRAME.findall(waiting) if file.startswith(root)), "")
            raise ProfileError(
                f"{root}: importing the project did not end within {self.deadline:g} s: something waits{place}. "
                "Have nothing wait while modules are imported, or give it longer: --import-deadline SECONDS."
            )
        raise ProfileError(
            f"{root}: importing the project ended the process with status {status}, and it said: "
            f"{shown(last[-LONGEST:])}. A module that ends its process cannot be served: have it raise an exception."
        )


def _described(root: Path) -> tuple[Project, Profile | None]:
    try:
        profile = load(root)
    except NoProfile:
        project = find_project(root)
    else:
        return Project(root=profile.root, settings=profile.settings), profile
    try:
        profile = load(project.root)
    except NoProfile:
        return project, None
    return Project(root=profile.root, settings=profile.settings), profile


def _started(plan: Plan, folder: Path, guard: Guard, deadline: float) -> Process:
    (folder / ANSWER).unlink(missing_ok=True)
    return start_python(
        ["-m", PROCESS, str(folder / ANSWER), str(folder / STACK), str(deadline)],
        env=os.environ | plan.environment(worker="discovery"),
        cwd=Path(plan.root),
        log=folder / "discovery.log",
        guard=guard,
        name="discovery",
        cold=True,
    )


def _plan(project: Project, folder: Path, application: str) -> Plan:
    return Plan(
        root=str(project.root),
        settings=project.settings,
        application=application,
        celery="",
        folder=str(folder),
        journal="",
        postgres=NOWHERE,  # nothing is asked of a database, and nothing could be
        databases="conformance",
    )
