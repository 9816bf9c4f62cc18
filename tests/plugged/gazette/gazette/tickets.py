"""Tickets: what a client that has signed in over HTTP shows in its first message."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing

SALT = "gazette.ticket"


def issue(user):
    return signing.dumps({"uid": user.pk}, salt=SALT)


def holder(ticket):
    """Return the active user who holds a ticket; None where it is no good."""
    try:
        uid = signing.loads(ticket, salt=SALT, max_age=settings.TICKET_AGE)["uid"]
    except (signing.BadSignature, ValueError):  # ValueError: half of a surrogate pair
        return None
    return get_user_model().objects.filter(pk=uid, is_active=True).first()
