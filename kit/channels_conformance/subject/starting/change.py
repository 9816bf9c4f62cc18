"""What differs in the settings from one way to start a project to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

VARIABLE = "CHANNELS_CONFORMANCE_CHANGE"
SETTINGS_MODULE = "channels_conformance.subject.starting.settings"

_DAPHNE = ("daphne", "daphne.apps.DaphneConfig")
_CHANNELS = ("channels", "channels.apps.ChannelsConfig")
_STATIC = "django.contrib.staticfiles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is changed: where the app ``daphne`` stands, and which settings are left out."""

    daphne: Literal["just before staticfiles", "last", "out"]
    without: tuple[str, ...] = ()

    def made(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings with the change made; the app ``channels`` is in none of them."""
        installed = [*settings["INSTALLED_APPS"]]
        apps = [app for app in installed if app not in (*_DAPHNE, *_CHANNELS)]
        # A project that does not have it is given none: then it is the project that is wrong.
        if self.daphne != "out" and len({*_DAPHNE} & {*installed}) > 0:
            at = apps.index(_STATIC) if self.daphne == "just before staticfiles" else len(apps)
            apps.insert(at, "daphne")
        kept = {name: value for name, value in settings.items() if name.isupper() and name not in self.without}
        return {**kept, "INSTALLED_APPS": apps}
