"""Where else a project's settings lead: files, mail, sessions, logs, and services that a setting names by URL or host.

The settings overlay asks it for all that is neither a database, a channel layer, a cache nor a Celery broker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MAIL = "django.core.mail.backends.locmem.EmailBackend"
STORAGE = "django.core.files.storage.FileSystemStorage"
MEDIA, SESSIONS = "media", "sessions"
FOLDERS = (MEDIA, SESSIONS)
"""What must be there in the run's folder before the subject is loaded: nobody else makes it."""

NOBODY = ("127.0.0.1", 9)
"""An address where nobody answers: the discard port, refused at once."""

_KEPT_STORAGES = {"django.core.files.storage.InMemoryStorage", "django.core.files.storage.memory.InMemoryStorage"}
_DISTANT_LOGS = ("SMTPHandler", "SysLogHandler", "HTTPHandler", "SocketHandler", "DatagramHandler")
_REDIS_PART = re.compile(r"(?:.*_)?REDIS_(HOST|HOSTNAME|PORT|DB|USERNAME|PASSWORD)")
_RQ_ADDRESS = {"HOST", "PORT", "DB", "URL", "USERNAME", "PASSWORD", "SSL", "UNIX_SOCKET_PATH", "SENTINELS"}
_REDIS_URL = re.compile(r"(?:redis|rediss|valkey|valkeys)://", re.IGNORECASE)
_AMQP_URL = re.compile(r"(?:py)?amqps?://", re.IGNORECASE)


def led(settings: Mapping[str, Any], *, folder: Path, root: Path, redis: str) -> dict[str, Any]:
    """Return the settings with their places in the run's ``folder``; ``root`` is the subject's own.

    ``redis`` is the URL of a Redis where any key may be written; empty, and nobody answers where one is named.
    """
    done = {name: _service(name, value, redis) for name, value in settings.items()}
    done |= _uploads(done, folder / MEDIA, root)
    done |= {"EMAIL_BACKEND": MAIL, "EMAIL_HOST": NOBODY[0], "EMAIL_PORT": NOBODY[1]}
    if "EMAIL_FILE_PATH" in done:
        done["EMAIL_FILE_PATH"] = str(folder / "mail")
    if done.get("SESSION_ENGINE", "").endswith(".file"):
        done["SESSION_FILE_PATH"] = str(folder / SESSIONS)
    if "STORAGES" in done:
        done["STORAGES"] = {
            alias: dict(storage) if alias == "staticfiles" else _storage(alias, dict(storage), folder)
            for alias, storage in done["STORAGES"].items()
        }
    if "DEFAULT_FILE_STORAGE" in done and done["DEFAULT_FILE_STORAGE"] not in _KEPT_STORAGES:
        done["DEFAULT_FILE_STORAGE"] = STORAGE
    if isinstance(done.get("LOGGING"), dict) and "handlers" in done["LOGGING"]:
        handlers = done["LOGGING"]["handlers"].items()
        done["LOGGING"] = {
            **done["LOGGING"],
            "handlers": {name: _log(name, dict(handler), folder) for name, handler in handlers},
        }
    return done


def _service(name: str, value: Any, redis: str) -> Any:
    """Return a setting with every Redis and RabbitMQ that it names replaced."""
    url = redis or f"redis://{NOBODY[0]}:{NOBODY[1]}/0"
    if name == "RQ_QUEUES":
        return {
            queue: {**{key: kept for key, kept in options.items() if key not in _RQ_ADDRESS}, "URL": url}
            for queue, options in value.items()
        }
    part = _REDIS_PART.fullmatch(name)
    if part is None or not isinstance(value, int | str) or "://" in str(value):
        return _url(value, url)
    parts = urlsplit(url)
    becomes: Any = {
        "HOST": parts.hostname,
        "HOSTNAME": parts.hostname,
        "PORT": parts.port,
        "DB": parts.path.strip("/") or 0,
    }.get(part[1], type(value)())
    return type(value)(becomes)


def _url(value: Any, redis: str) -> Any:
    if isinstance(value, str):
        if _REDIS_URL.match(value):
            return redis
        return f"amqp://{NOBODY[0]}:{NOBODY[1]}//" if _AMQP_URL.match(value) else value
    if type(value) in (list, tuple):
        return type(value)(_url(one, redis) for one in value)
    if type(value) is dict:
        return {key: _url(one, redis) for key, one in value.items()}
    return value


def _uploads(settings: Mapping[str, Any], media: Path, root: Path) -> dict[str, Any]:
    """Return MEDIA_ROOT and every setting that lies below it, each of the type that it had."""
    theirs = settings.get("MEDIA_ROOT") or ""
    kind = type(theirs) if isinstance(theirs, Path) else str
    done: dict[str, Any] = {"MEDIA_ROOT": kind(media)}
    if not theirs or root.is_relative_to(theirs):  # the project itself would move as well
        return done
    for name, value in settings.items():
        if isinstance(value, str | Path) and value and Path(value) != Path(theirs) and _below(value, theirs):
            done[name] = type(value)(media / Path(value).relative_to(theirs))
    return done


def _below(path: str | Path, folder: str | Path) -> bool:
    return Path(path).is_absolute() and Path(path).is_relative_to(folder)


def _storage(alias: str, storage: dict[str, Any], folder: Path) -> dict[str, Any]:
    if storage.get("BACKEND") in _KEPT_STORAGES:
        return storage
    if storage.get("BACKEND", "").rpartition(".")[2] != "FileSystemStorage":
        return {"BACKEND": STORAGE}  # a bucket, or whatever else: uploads are files here
    options = dict(storage.get("OPTIONS", {}))
    if "location" in options:
        options["location"] = str(folder / f"storage-{alias}")
    return {**storage, "OPTIONS": options} if options else storage


def _log(name: str, handler: dict[str, Any], folder: Path) -> dict[str, Any]:
    kind = handler.get("class") or handler.get("()") or ""
    if isinstance(kind, str) and kind.rpartition(".")[2] in _DISTANT_LOGS:
        return {"class": "logging.NullHandler"}
    if "filename" in handler:
        handler["filename"] = str(folder / f"log-{re.sub(r'[^A-Za-z0-9_]', '_', name)}")
    if "email_backend" in handler:
        handler["email_backend"] = MAIL
    return handler
