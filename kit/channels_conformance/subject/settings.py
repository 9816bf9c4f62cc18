"""The subject's settings with the overlay: what ``DJANGO_SETTINGS_MODULE`` names in every process of a run."""

from channels_conformance.subject import shield
from channels_conformance.subject.overlay import Plan, overlaid

globals().update(overlaid(Plan.current()))
shield.install(Plan.current())
