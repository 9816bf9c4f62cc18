from pathlib import Path

BASE_DIR = Path(__file__).resolve(strict=True).parent.parent
SECRET_KEY = "courier"
ALLOWED_HOSTS = ["*"]
AUTH_USER_MODEL = "people.Person"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "people.apps.PeopleConfig", "parcels"]
ROOT_URLCONF = "courier.urls"
ASGI_APPLICATION = "courier.asgi.application"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(BASE_DIR / "courier.db")}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [{"address": "redis://redis:6379", "socket_timeout": None}], "prefix": "courier"},
    }
}
