"""The project: settings, the ASGI application, URLs and the Celery application."""

from config.celery import app as celery_app

# Loaded with Django, so that @shared_task finds this application and its broker.
__all__ = ["celery_app"]
