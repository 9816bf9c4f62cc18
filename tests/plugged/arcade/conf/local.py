from conf.base import *  # noqa: F403
from conf.base import ROOT

SECRET_KEY = "insert coin"
DEBUG = True
ALLOWED_HOSTS = ["localhost"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ROOT / "arcade.sqlite3"}}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [{"host": "localhost", "port": 6379, "db": 2, "socket_timeout": None}],
            "channel_capacity": {"specific*": 400},
        },
    }
}
