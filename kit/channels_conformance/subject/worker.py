"""The ASGI application that a server process serves when it works for a run: the subject's own, tapped.

``daphne channels_conformance.subject.worker:application``, with the plan in the environment. The settings are loaded
before the subject's module, so that one which sets ``DJANGO_SETTINGS_MODULE`` by itself cannot lead the process to any
other database; the apps are not, so that a module which only works by luck of the import order fails as it would in
production.
"""

from __future__ import annotations

import os

from django.conf import settings

from channels_conformance.subject import instruments
from channels_conformance.subject.journal import Reporter
from channels_conformance.subject.overlay import WORKER_VARIABLE, Plan, attribute, celery_application
from channels_conformance.subject.tap import Tap

plan = Plan.current()
reporter = Reporter(plan.journal, os.environ[WORKER_VARIABLE])
settings.INSTALLED_APPS  # noqa: B018 -- loads the settings, and the apps not yet
instruments.install(reporter)
application = Tap(attribute(plan.application or settings.ASGI_APPLICATION), reporter)
if plan.celery:
    celery_application(plan)
instruments.watch_database(reporter, everything=True)
