"""What a run stands on: Redis, server processes and Celery workers, all real, started and reaped here."""
