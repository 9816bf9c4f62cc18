"""Devices of this project show a key in a header, and speak a protocol of bytes."""

from beacon.models import Device
from beacon.packets import PUBLISH, pack


def make_user(name):
    return Device.register(name)


def token(user):
    return f"{user.pk}.{user.key}"


def spoil(user, kind):
    device = Device.objects.filter(pk=user.pk)
    match kind:
        case "tampered":
            return f"{user.pk}.{user.key[::-1]}"
        case "garbage":
            return "\u00fc.\u00fc.\u00fc"
        case "logged out":
            device.update(key="")
        case "inactive":
            device.update(is_active=False)
        case "deleted":
            device.delete()
        case _:
            raise LookupError(kind)
    return token(user)


def frame(endpoint, text):
    return pack(PUBLISH, text)
