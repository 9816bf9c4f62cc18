import os

SECRET_KEY = os.getenv("GAZETTE_KEY", "extra, extra")
ALLOWED_HOSTS = ["gazette.test"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "gazette"]
ASGI_APPLICATION = "gazette.asgi.application"
ROOT_URLCONF = "gazette.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "gazette.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
TICKET_AGE = 600
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [{"address": os.getenv("REDIS_URL", "redis://localhost"), "socket_timeout": None}],
            "prefix": "gazette",
            "expiry": 30,
        },
    }
}
