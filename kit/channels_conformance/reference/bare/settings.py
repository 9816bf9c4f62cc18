"""The settings of the smallest Channels project: no app, no database and no channel layer."""

from __future__ import annotations

import os

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for-development-only-a-deployment-sets-its-own-in-the-environment")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ROOT_URLCONF = "bare.urls"
ASGI_APPLICATION = "bare.project.application"
USE_TZ = True
