import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conf.local")
http = get_asgi_application()


def websockets():
    from apps.lounge.socket import Arcade
    from channels.auth import AuthMiddlewareStack
    from channels.routing import URLRouter
    from channels.security.websocket import AllowedHostsOriginValidator, WebsocketDenier
    from django.urls import path, re_path

    routes = [path("socket", Arcade.as_asgi()), re_path(r".*", WebsocketDenier.as_asgi())]
    return AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(routes)))


served = {"http": http, "websocket": websockets()}


async def app(scope, receive, send):
    await served[scope["type"]](scope, receive, send)
