"""Settings enough for a consumer to run: no layer, no database."""

from django.conf import settings

if not settings.configured:
    settings.configure(SECRET_KEY="for tests only", CHANNEL_LAYERS={}, USE_TZ=True)
