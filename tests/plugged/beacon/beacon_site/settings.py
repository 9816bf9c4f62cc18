from pathlib import Path

SECRET_KEY = "beacon"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "beacon"]
AUTH_USER_MODEL = "beacon.Device"
ASGI_APPLICATION = "beacon_site.asgi.application"
ROOT_URLCONF = "beacon_site.asgi"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(__file__).with_name("beacon.db")}}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [{"host": "10.0.0.5", "port": 6379, "password": "beacon", "socket_timeout": None}],
            "capacity": 1500,
        },
    }
}
