"""How clients of this project show who they are: by a token of theirs, in the query string."""

from datetime import timedelta

from django.utils import timezone
from people.models import Person, Token


def make_user(name):
    person, _ = Person.objects.get_or_create(email=f"{name}@courier.test", defaults={"name": name})
    return person


def token(user):
    return Token.objects.create(person=user).key


def spoil(user, kind):
    key = token(user)
    match kind:
        case "tampered":
            return key[::-1]
        case "garbage":
            return "%ff&token=;=a=b"
        case "expired":
            Token.objects.filter(key=key).update(expires=timezone.now() - timedelta(hours=1))
        case "logged out":
            Token.objects.filter(person=user).delete()
        case "inactive":
            Person.objects.filter(pk=user.pk).update(is_active=False)
        case "deleted":
            user.delete()
        case _:
            raise LookupError(kind)
    return key
