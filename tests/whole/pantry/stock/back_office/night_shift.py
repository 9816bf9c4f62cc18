"""Background work, in a module where nobody would look for a Celery application."""

from celery import Celery
from django.conf import settings

shift = Celery("pantry", broker=settings.REDIS_URL, backend=settings.REDIS_URL)


@shift.task
def recount(shelf: str) -> str:
    """Count a shelf again."""
    return shelf


written_down = Celery("pantry-of-old", set_as_current=False)
written_down.config_from_object("django.conf:settings", namespace="CELERY")


@written_down.task
def weigh(shelf: str) -> str:
    """Weigh a shelf."""
    return shelf
