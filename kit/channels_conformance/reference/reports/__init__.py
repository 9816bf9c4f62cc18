"""Reports, made by a Celery task."""
