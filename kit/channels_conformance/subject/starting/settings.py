"""The subject's settings, changed in what one way to start it is about: what ``DJANGO_SETTINGS_MODULE`` names there."""

import json
import os

import channels_conformance.services.listening  # noqa: F401 -- has the development server tell its port
from channels_conformance.subject import settings as overlaid
from channels_conformance.subject.starting.change import VARIABLE, Change

globals().update(Change(**json.loads(os.environ[VARIABLE])).made(vars(overlaid)))
