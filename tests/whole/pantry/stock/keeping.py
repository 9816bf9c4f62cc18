"""Whatever is said is kept in every place that the project has."""

import contextlib
import logging
from pathlib import Path

import redis
from django.conf import settings
from django.contrib.sessions.backends.file import SessionStore
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.mail import EmailMessage, get_connection, send_mail

from stock.back_office.night_shift import recount, weigh
from stock.models import Item

SMTP = "django.core.mail.backends.smtp.EmailBackend"
IN_FILES = "django.core.mail.backends.filebased.EmailBackend"


def keep(shelf: str, text: str) -> None:
    """Write to the database, files, caches, the queue, mail, a log and Redis itself."""
    Item.objects.create(shelf=shelf, text=text)
    for alias in ("default", "invoices"):
        storages[alias].save("kept.txt", ContentFile(text.encode("utf-8", "replace")))
    Path(settings.LABELS).mkdir(parents=True, exist_ok=True)
    Path(settings.LABELS, "latest.txt").write_bytes(text.encode("utf-8", "replace"))
    session = SessionStore()
    session["shelf"] = shelf
    session.save()
    for alias in settings.CACHES:
        caches[alias].set("latest", shelf)
        caches[alias].clear()
        caches[alias].set("shelf", shelf)
    for task in (recount, weigh):
        task.delay(shelf)
    send_mail("kept", "by the configured way", None, ["cook@example.org"], fail_silently=True)
    for backend in (SMTP, IN_FILES):
        message = EmailMessage("kept", "by a way of our own", to=["cook@example.org"])
        get_connection(backend, fail_silently=backend == SMTP).send_messages([message])
    with contextlib.suppress(redis.ConnectionError), redis.Redis.from_url(settings.REDIS_URL) as client:
        client.zadd("asgi:group:kitchen", {"another": 1})
        client.delete("asgi:group:cellar")
    logging.getLogger("stock").info("kept on %s", shelf)
