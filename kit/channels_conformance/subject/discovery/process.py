"""The fresh process that imports a project as a server would, and writes down what it found.

``python -m channels_conformance.subject.discovery.process ANSWER STACK SECONDS``, with the plan in the environment.
What takes longer is ended, and where it waited is written to STACK. First the application is imported cold. Where that
fails it is tried once more with the apps loaded, as they are under ``manage.py``: what only that helps has a wrong
order of imports, and can still be judged in all else.
"""

from __future__ import annotations

import faulthandler
import json
import re
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.exceptions import AppRegistryNotReady, ImproperlyConfigured

from channels_conformance.subject.overlay import OverlayError, Plan, attribute


def main(answer: Path) -> None:
    """Write what was found, as JSON, to ``answer``."""
    plan = Plan.current()
    plan.enter()
    answer.write_text(json.dumps(_found(plan)), encoding="utf-8")


def _found(plan: Plan) -> dict[str, Any]:
    try:
        named = plan.application or getattr(settings, "ASGI_APPLICATION", None) or _beside_settings(plan)
    except OverlayError as error:
        return {"settings": str(error).rstrip(".")}
    except Exception as error:  # noqa: BLE001 -- whatever a project's settings raise is told, not suffered
        told = _told(error, plan)
        mend = ". Mend that first, or name others with DJANGO_SETTINGS_MODULE"
        return {"settings": told["error"].rstrip(".") + _in(told["place"]) + mend}
    if not named:
        return {
            "settings": 'there is no ASGI_APPLICATION and no asgi.py. Add ASGI_APPLICATION = "package.asgi.application"'
        }
    found: dict[str, Any] = {"application": named, "celery": ""}
    try:
        application = attribute(named)
    except Exception as error:  # noqa: BLE001 -- likewise
        found["cold"] = _told(error, plan)
        try:
            django.setup()
            application = _again(named)
        except Exception:  # noqa: BLE001 -- the first reason is the one that a server gives
            return found
    # Middleware and models may be looked up while walking; a server has loaded the apps by now as well.
    from channels_conformance.subject.discovery.routes import routes

    found["routes"] = [asdict(route) for route in routes(application)]
    found["celery"] = _celery(plan)
    return found


def _beside_settings(plan: Plan) -> str:
    """Return the application of the asgi.py where startproject puts it; the setting is of use to runserver alone."""
    parts = plan.settings.split(".")[:-1]
    for depth in range(len(parts), -1, -1):
        if Path(plan.root, *parts[:depth], "asgi.py").is_file():
            return _application_in(Path(plan.root, *parts[:depth], "asgi.py"), ".".join([*parts[:depth], "asgi"]))
    found = [path for path in sorted(Path(plan.root).glob("*/asgi.py")) if path.is_file()]
    if len(found) == 1:
        return _application_in(found[0], f"{found[0].parent.name}.asgi")
    # A project of a few files keeps it beside manage.py.
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in sorted(Path(plan.root).glob("*.py"))}
    routers = [path for path, text in texts.items() if re.search(r"^\w+ *= *ProtocolTypeRouter\(", text, re.MULTILINE)]
    return _application_in(routers[0], routers[0].stem) if len(routers) == 1 else ""


def _application_in(file: Path, module: str) -> str:
    """Return the application of an asgi.py: ``application`` or, where there is none, ``app``."""
    text = file.read_text(encoding="utf-8", errors="replace")
    name = "application" if re.search(r"^(async def |def )?application\b", text, re.MULTILINE) else "app"
    return f"{module}.{name}"


def _again(named: str) -> Any:
    """Import once more, without the modules of the project that an import left half made."""
    try:
        return attribute(named)
    except (AppRegistryNotReady, ImproperlyConfigured):
        for name in [name for name, module in sys.modules.items() if getattr(module, "__spec__", None) is None]:
            del sys.modules[name]
        return attribute(named)


def _celery(plan: Plan) -> str:
    """Return where the project's Celery application is, if it is where Celery's own guide puts it."""
    package = plan.settings.partition(".")[0]
    path = Path(plan.root) / package / "celery.py"
    if not path.is_file():
        return ""
    try:
        module = __import__(f"{package}.celery", fromlist=["app"])
    except Exception:  # noqa: BLE001 -- a project without a Celery that can be imported has none to judge
        return ""
    names = [name for name, value in vars(module).items() if type(value).__module__.startswith("celery.app")]
    return f"{package}.celery:{names[0]}" if names else ""


def _told(error: BaseException, plan: Plan) -> dict[str, str]:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(plan.root)]
    place = own[-1] if own else None
    if isinstance(error, SyntaxError) and error.filename:
        return {
            "error": f"SyntaxError: {error.msg}",
            "place": f"{_short(error.filename, plan)}:{error.lineno}",
            "traceback": "".join(traceback.format_exception(error)),
        }
    first = str(error).partition("\n")[0]
    return {
        "error": f"{type(error).__name__}: {first}" if first else type(error).__name__,
        "place": f"{_short(place.filename, plan)}:{place.lineno}" if place else "",
        "traceback": "".join(traceback.format_exception(error)),
    }


def _short(file: str, plan: Plan) -> str:
    return file.removeprefix(plan.root).lstrip("/")


def _in(place: str) -> str:
    return f" ({place})" if place else ""


if __name__ == "__main__":
    with Path(sys.argv[2]).open("w", encoding="utf-8") as stack:
        faulthandler.dump_traceback_later(float(sys.argv[3]), exit=True, file=stack)
        main(Path(sys.argv[1]))
        faulthandler.cancel_dump_traceback_later()
