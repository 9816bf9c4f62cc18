from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.utils import timezone

from people.models import Token


class TokenAuthMiddleware:
    """Puts the person whose token came with the handshake into the scope, or None."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        query = parse_qs(scope["query_string"].decode("latin-1"))
        key = query.get("token", [""])[0]
        return await self.inner({**scope, "person": await person_of(key) if key else None}, receive, send)


@database_sync_to_async
def person_of(key):
    tokens = Token.objects.select_related("person").filter(
        key=key,
        expires__gt=timezone.now(),
        person__is_active=True,
    )
    token = tokens.first()
    return token and token.person
