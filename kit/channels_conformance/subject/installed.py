"""What is installed, and what a new project is: read from the packages themselves, with nothing started."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import time
from pathlib import Path

import channels
from django.apps import AppConfig
from django.core.management import find_commands, get_commands

from channels_conformance.history import Event, History, Kind

MISSING = "an_app_that_nobody_installed"
LAYER = "channels/layers.py"


def requirements() -> History:
    """Return a history of what the distribution ``channels`` requires, by extra, and of the layer that it brings.

    CONFIGURED events: "requirement" with the name of a distribution as text and the extra as detail, and "file".
    """
    events = []
    for requirement in importlib.metadata.requires("channels") or ():
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        extra = re.search(r"extra\s*==\s*[\"']([^\"']+)", requirement)
        events.append(_event("requirement", name[0].lower() if name else requirement, extra[1] if extra else ""))
    files = importlib.metadata.files("channels") or []
    events += [_event("file", LAYER, "channels") for file in files if file.as_posix() == LAYER]
    source = (Path(channels.__path__[0]) / "layers.py").read_text(encoding="utf-8")
    classes = (node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    return History(events=[*events, *(_event("layer", name, LAYER) for name in classes)])


def missing_app() -> History:
    """Return a history of what Django raises for an installed app that is not there, by its name."""
    try:
        AppConfig.create(MISSING)
    except Exception as refusal:  # noqa: BLE001 -- what it is belongs to the record
        return History(events=[_event("answer to a missing app", type(refusal).__name__, str(refusal))])
    return History()


def commands() -> History:
    """Return a history of the management commands that the subject has, and of those that the app Channels brings."""
    theirs = [_event("command", name, app) for name, app in get_commands().items() if app != "channels"]
    brought = find_commands(str(Path(channels.__path__[0]) / "management"))
    return History(events=[*theirs, *(_event("command", name, "channels") for name in brought)])


def _event(marker: str, text: str, detail: str) -> Event:
    return Event(at=time.monotonic(), kind=Kind.CONFIGURED, marker=marker, text=text, detail=detail)
