"""Clients of this project send a signed token in their first message."""

from unittest import mock

from django.contrib.auth import get_user_model
from gazette.tickets import issue


def token(user):
    return issue(user)


def spoil(user, kind):
    users = get_user_model().objects.filter(pk=user.pk)
    ticket = issue(user)
    match kind:
        case "tampered":
            return ticket[:-1] + ("a" if ticket[-1] != "a" else "b")
        case "garbage":
            return ":::"
        case "expired":
            with mock.patch("time.time", return_value=0):
                return issue(user)
        case "inactive":
            users.update(is_active=False)
        case "deleted":
            users.delete()
        case _:  # nobody logs out here: a ticket ends by itself
            raise LookupError(kind)
    return ticket
