"""What a server process serves whose own doings are judged: the scripted application, tapped as a subject's is.

Whatever the folder's ``between()`` puts around it stands for the server, and so is outside of the tap.
"""

from __future__ import annotations

import os

from channels_conformance.subject.journal import Reporter
from channels_conformance.subject.overlay import WORKER_VARIABLE, Plan, attribute
from channels_conformance.subject.tap import Tap

script, between = attribute("scripted.asgi:script"), attribute("scripted.asgi:between")
application = between(Tap(script, Reporter(Plan.current().journal, os.environ[WORKER_VARIABLE])))
