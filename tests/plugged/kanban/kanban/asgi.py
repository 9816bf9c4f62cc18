import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kanban.settings")
django_asgi_app = get_asgi_application()

from boards.consumers import BoardConsumer
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator, WebsocketDenier
from django.urls import path, re_path

websocket_urlpatterns = [
    path("api/boards/<str:board>/live/", BoardConsumer.as_asgi()),
    re_path(r"", WebsocketDenier.as_asgi()),
]
application = ProtocolTypeRouter(
    {
        "http": django_asgi_app,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
