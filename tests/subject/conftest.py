"""What stands for a subject's settings where a test asks Django itself."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from django.conf import settings

from tests.subject.plans import PLAN

if not settings.configured:
    settings.configure(SECRET_KEY="for tests only", CHANNEL_LAYERS={}, USE_TZ=True)


@pytest.fixture
def subject_settings(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Make a settings module of a subject, and keep the import path as it was."""
    module = ModuleType(PLAN.settings)
    monkeypatch.setitem(sys.modules, PLAN.settings, module)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return module
