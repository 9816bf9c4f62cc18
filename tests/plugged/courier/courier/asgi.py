import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courier.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from parcels.urls import streams
from people.tokens import TokenAuthMiddleware

application = ProtocolTypeRouter({"http": http, "websocket": TokenAuthMiddleware(URLRouter(streams))})
