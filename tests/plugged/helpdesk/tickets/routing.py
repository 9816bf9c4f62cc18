from django.urls import re_path

from tickets import consumers

websocket_urlpatterns = [
    re_path(r"^ws/tickets/(?P<reference>[^/]{1,120})/$", consumers.TicketConsumer.as_asgi()),
    re_path(r"", consumers.NowhereConsumer.as_asgi()),
]
