"""Settings of a project in use: everything leads to services and folders that hold its own data.

Where the services are, tests say by two variables.
"""

import importlib.util
import json
import os
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).parents[1]
REDIS_URL = os.environ["PANTRY_REDIS"]
SECRET_KEY = "kept by the pantry"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "stock"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
ASGI_APPLICATION = "pantry_site.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "pantry.sqlite3",
        "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
    }
}
if "PANTRY_DATABASE" in os.environ:
    DATABASES["default"] = json.loads(os.environ["PANTRY_DATABASE"])

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "capacity": 1000},
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
if importlib.util.find_spec("django_redis"):
    CACHES["second"] = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": REDIS_URL}

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL

MEDIA_ROOT = BASE_DIR / "media"
LABELS = MEDIA_ROOT / "labels"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "invoices": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(BASE_DIR / "invoices")},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

SESSION_ENGINE = "django.contrib.sessions.backends.file"
SESSION_FILE_PATH = str(BASE_DIR / "sessions")

EMAIL_HOST, EMAIL_PORT = "127.0.0.7", int(os.environ["PANTRY_MAIL_PORT"])
EMAIL_TIMEOUT = 2
EMAIL_FILE_PATH = str(BASE_DIR / "sent")
DEFAULT_FROM_EMAIL = "pantry@example.org"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": str(BASE_DIR / "pantry.log"), "delay": True}},
    "loggers": {"stock": {"handlers": ["file"], "level": "INFO"}},
}
