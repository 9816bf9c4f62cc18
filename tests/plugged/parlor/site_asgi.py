import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")

from django.core.asgi import get_asgi_application

django_asgi = get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter
from channels.security.websocket import AllowedHostsOriginValidator
from guestbook.sockets import router

application = ProtocolTypeRouter(
    {"http": django_asgi, "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(router))}
)
