import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gazette.settings")
http = get_asgi_application()

from gazette.columns import columns

application = ProtocolTypeRouter({"http": http, "websocket": columns})
