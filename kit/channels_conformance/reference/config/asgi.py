"""The ASGI application: HTTP goes to Django, WebSockets to the consumers."""

from __future__ import annotations

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Sets Django up. Consumers import models, so they must be imported after this line: hence the noqa marks.
django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator, WebsocketDenier  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler  # noqa: E402
from django.urls import re_path  # noqa: E402

from chat.routing import websocket_urlpatterns as chat_urlpatterns  # noqa: E402
from documents.routing import websocket_urlpatterns as documents_urlpatterns  # noqa: E402
from echo.routing import websocket_urlpatterns as echo_urlpatterns  # noqa: E402
from notifications.routing import websocket_urlpatterns as notifications_urlpatterns  # noqa: E402
from realtime.middleware import GoneClientMiddleware  # noqa: E402

# A path that no route matches would raise ValueError: HTTP 500 and a traceback. It is refused instead. (Paths are typed
# to take views alone, and as_asgi() gives an ASGI application: hence the ignore mark.)
unrouted: Any = re_path(r"", WebsocketDenier.as_asgi())  # type: ignore[arg-type]

websocket_routes = URLRouter(
    [
        *echo_urlpatterns,
        *chat_urlpatterns,
        *documents_urlpatterns,
        *notifications_urlpatterns,
        unrouted,
    ]
)

application = ProtocolTypeRouter(
    {
        "http": ASGIStaticFilesHandler(django_application) if settings.SERVE_STATIC else django_application,
        # From the outside in: whose page opened the socket, who its user is, where it leads.
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(GoneClientMiddleware(websocket_routes))),
    }
)
