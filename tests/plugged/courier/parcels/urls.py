from channels.security.websocket import WebsocketDenier
from django.urls import path, re_path

from parcels.streams import ThreadStream

streams = [
    path("threads/<str:thread>/stream", ThreadStream.as_asgi()),
    re_path(r"", WebsocketDenier.as_asgi()),
]
