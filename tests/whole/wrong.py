"""A small project that is right in every way, to be made wrong in one."""

from __future__ import annotations

from pathlib import Path

MANAGE = 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_of_a_user.settings")\n'

SETTINGS = """
SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "never.sqlite3"}}
ASGI_APPLICATION = "site_of_a_user.asgi.application"
ROOT_URLCONF = "site_of_a_user.urls"
"""

ASGI = """
from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from site_of_a_user.consumers import Echo

application = ProtocolTypeRouter(
    {"http": http, "websocket": URLRouter([path("ws/echo/", Echo.as_asgi())])}
)
"""

CONSUMERS = """
from channels.generic.websocket import AsyncWebsocketConsumer


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data=text_data, bytes_data=bytes_data)
"""

PROFILE = """
settings = "site_of_a_user.settings"
servers = ["daphne"]

[endpoints.echo]
path = "/ws/echo/"
say = "{text}"
"""


def project(folder: Path, **files: str) -> Path:
    """Write the project into a folder, with other texts for some of its files; return the folder.

    ``asgi="..."`` is what ``site_of_a_user/asgi.py`` holds; ``conformance`` is the profile, of which there is none
    unless it is given. A file whose text is empty is left out.
    """
    package = folder / "site_of_a_user"
    package.mkdir(parents=True)
    texts = {"manage": MANAGE, "settings": SETTINGS, "asgi": ASGI, "consumers": CONSUMERS, "urls": "urlpatterns = []\n"}
    for name, text in ({"__init__": "# a package\n"} | texts | files).items():
        place = {"manage": folder / "manage.py", "conformance": folder / "conformance.toml"}
        if text:
            place.get(name, package / f"{name}.py").write_text(text)
    return folder
