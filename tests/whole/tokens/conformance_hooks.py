# mypy: ignore-errors
"""How users of the project come by a token, and by one that is no good any more."""

from django.contrib.auth.models import User
from django.core import signing

ROOMS: list[str] = []


def token(user):
    """Return a good token."""
    return signing.dumps(user.pk).encode().hex()  # of characters that a subprotocol may have


async def spoil(user, kind):
    """Return a token that must not open."""
    if kind == "expired":
        return signing.dumps([user.pk, "expired"]).encode().hex()
    if kind in ("inactive", "deleted"):
        found = User.objects.filter(pk=user.pk)
        await (found.aupdate(is_active=False) if kind == "inactive" else found.adelete())
        return token(user)
    raise LookupError("a token cannot be taken back")


def set_up(endpoint, **parameters):
    """Check that each set of parameters is set up once."""
    assert (endpoint, parameters) not in ROOMS
    ROOMS.append((endpoint, parameters))
