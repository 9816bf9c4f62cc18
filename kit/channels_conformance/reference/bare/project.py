"""The smallest Channels project, by either interface.

``uvicorn bare.project:application`` serves pages, server-sent events, long polls and WebSockets; any WSGI server serves
``bare.project:wsgi_application``, where of all that only the pages and the synchronous events are left.
"""

from __future__ import annotations

import os
from typing import Any

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bare.settings")
# Sets Django up. Consumers may import models, so they are imported after this line: hence the noqa marks.
django_application: Any = get_asgi_application()
wsgi_application = get_wsgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from bare.polling import Meeting  # noqa: E402
from echo.routing import websocket_urlpatterns  # noqa: E402

# path() is typed to take views alone, and as_asgi() gives an ASGI application: hence the ignore mark.
http_urlpatterns: list[Any] = [
    path("meetings/<str:name>/<int:parties>/", Meeting.as_asgi()),  # type: ignore[arg-type]
    re_path("", django_application),
]

application = ProtocolTypeRouter(
    {
        "http": URLRouter(http_urlpatterns),
        "websocket": URLRouter(websocket_urlpatterns),
    }
)
