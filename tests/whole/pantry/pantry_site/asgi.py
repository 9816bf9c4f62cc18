"""What a server serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pantry_site.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path
from stock.consumers import ShelfConsumer

application = ProtocolTypeRouter(
    {"http": http, "websocket": URLRouter([path("ws/shelves/<slug:shelf>/", ShelfConsumer.as_asgi())])}
)
