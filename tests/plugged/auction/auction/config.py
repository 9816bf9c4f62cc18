import os

BASE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

SECRET_KEY = "auction"
ALLOWED_HOSTS = ["auction.example", ".auction.example"]
INSTALLED_APPS = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "auction.bidding.apps.BiddingConfig",
)
MIDDLEWARE = ("django.contrib.sessions.middleware.SessionMiddleware",)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
ROOT_URLCONF = "auction.pages"
ASGI_APPLICATION = "auction.asgi.application"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.path.join(BASE, "data.db"),  # noqa: PTH118
        "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://cache:6379/1"}}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"host": "cache", "port": 6379, "socket_timeout": None}], "prefix": "auction"},
    }
}
