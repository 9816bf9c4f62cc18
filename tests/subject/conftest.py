"""What stands for a subject's settings where a test asks Django itself."""

from django.conf import settings

if not settings.configured:
    settings.configure(SECRET_KEY="for tests only", CHANNEL_LAYERS={}, USE_TZ=True)
