import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beacon_site.settings")
http = get_asgi_application()

from beacon.radio import tune_in

urlpatterns = []


async def application(scope, receive, send):
    if scope["type"] == "websocket":
        await tune_in(scope, receive, send)
    else:
        await http(scope, receive, send)
