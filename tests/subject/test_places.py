"""Files, mail, sessions, logs and services by URL go where the run is, and only those settings change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from channels_conformance.subject import places

FOLDER, ROOT = Path("/tmp/run"), Path("/srv/shop")
OURS = "redis://127.0.0.1:7001/0"


def led(redis: str = OURS, **settings: Any) -> dict[str, Any]:
    """Return what becomes of these settings, less the mail server and MEDIA_ROOT where they were not given."""
    done = places.led(settings, folder=FOLDER, root=ROOT, redis=redis)
    return {name: value for name, value in done.items() if name in settings}


@pytest.mark.parametrize(
    ("theirs", "becomes"),
    [("/srv/media", "/tmp/run/media"), (Path("/srv/media"), Path("/tmp/run/media")), ("", "/tmp/run/media")],
)
def test_uploads_are_in_the_runs_folder(theirs: Any, becomes: Any) -> None:
    """MEDIA_ROOT is moved and keeps its type, so that ``MEDIA_ROOT / "name"`` goes on working."""
    assert led(MEDIA_ROOT=theirs) == {"MEDIA_ROOT": becomes}


def test_what_lies_below_the_uploads_moves_with_them() -> None:
    """A folder that the settings made of MEDIA_ROOT is below the new one; everything else stays."""
    done = led(
        MEDIA_ROOT="/srv/media", AVATARS=Path("/srv/media/avatars"), STATIC_ROOT="/srv/static", MEDIA_URL="/srv/media/"
    )

    assert done["AVATARS"] == Path("/tmp/run/media/avatars")
    assert done["STATIC_ROOT"] == "/srv/static"


def test_the_project_does_not_move_with_its_uploads() -> None:
    """Where MEDIA_ROOT is the project's own folder, only MEDIA_ROOT itself moves."""
    done = led(MEDIA_ROOT="/srv/shop", BASE_DIR=Path("/srv/shop"), DATA=Path("/srv/shop/data"))

    assert done == {"MEDIA_ROOT": "/tmp/run/media", "BASE_DIR": Path("/srv/shop"), "DATA": Path("/srv/shop/data")}


def test_mail_goes_nowhere_by_any_backend() -> None:
    """Mail stays in memory; whoever names a backend by itself finds no server and an unimportant folder."""
    done = led(EMAIL_BACKEND="shop.Mail", EMAIL_HOST="mail.example", EMAIL_PORT=25, EMAIL_FILE_PATH="/srv/mail")

    assert done == {
        "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": 9,
        "EMAIL_FILE_PATH": "/tmp/run/mail",
    }


def test_sessions_in_files_are_the_runs() -> None:
    """Sessions kept in files have a folder of the run; the engine stays."""
    done = led(SESSION_ENGINE="django.contrib.sessions.backends.file", SESSION_FILE_PATH="/srv/sessions")

    assert done["SESSION_FILE_PATH"] == "/tmp/run/sessions"
    assert done["SESSION_ENGINE"] == "django.contrib.sessions.backends.file"


def test_storages_are_folders_of_the_run() -> None:
    """A bucket becomes files, a folder one of the run's; static files and memory stay."""
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    static = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    folder = {"BACKEND": places.STORAGE, "OPTIONS": {"location": "/srv/invoices", "base_url": "/invoices/"}}

    done = led(
        STORAGES={
            "default": {"BACKEND": "storages.backends.s3.S3Storage"},
            "staticfiles": static,
            "m": memory,
            "i": folder,
        }
    )

    assert done["STORAGES"] == {
        "default": {"BACKEND": places.STORAGE},
        "staticfiles": static,
        "m": memory,
        "i": {"BACKEND": places.STORAGE, "OPTIONS": {"location": "/tmp/run/storage-i", "base_url": "/invoices/"}},
    }
    assert led(DEFAULT_FILE_STORAGE="shop.Bucket") == {"DEFAULT_FILE_STORAGE": places.STORAGE}


def test_logs_are_the_runs_and_reach_nobody() -> None:
    """A log file is one of the run's, mail of a log stays in memory, and a log over the network is dropped."""
    handlers: dict[str, Any] = {
        "file": {"class": "logging.FileHandler", "filename": "/srv/shop.log", "level": "INFO"},
        "admins": {"class": "django.utils.log.AdminEmailHandler", "email_backend": "shop.Mail"},
        "mail": {"class": "logging.handlers.SMTPHandler", "mailhost": "mail.example"},
        "console": {"class": "logging.StreamHandler"},
    }

    done = led(LOGGING={"version": 1, "handlers": handlers})["LOGGING"]

    assert done["version"] == 1
    assert done["handlers"] == {
        "file": {"class": "logging.FileHandler", "filename": "/tmp/run/log-file", "level": "INFO"},
        "admins": {"class": "django.utils.log.AdminEmailHandler", "email_backend": places.MAIL},
        "mail": {"class": "logging.NullHandler"},
        "console": {"class": "logging.StreamHandler"},
    }
    assert handlers["file"]["filename"] == "/srv/shop.log"


@pytest.mark.parametrize(("redis", "url", "port"), [(OURS, OURS, 7001), ("", "redis://127.0.0.1:9/0", 9)])
def test_a_redis_that_a_setting_names_is_the_runs_or_nobodys(redis: str, url: str, port: int) -> None:
    """URLs at any depth, hosts and queues lead to a Redis that is the run's alone, or to nobody."""
    done = led(
        redis,
        REDIS_URL="rediss://:secret@redis.example/1",
        SHOP={"stores": [("stock", "redis://redis.example")], "size": 3},
        REDIS_HOST="redis.example",
        SHOP_REDIS_PORT="6379",
        REDIS_DB=4,
        REDIS_PASSWORD="secret",
        RQ_QUEUES={"high": {"HOST": "redis.example", "PORT": 6379, "DEFAULT_TIMEOUT": 9}},
        DRAMATIQ_BROKER={"OPTIONS": {"url": "amqp://mq.example"}},
    )

    assert done == {
        "REDIS_URL": url,
        "SHOP": {"stores": [("stock", url)], "size": 3},
        "REDIS_HOST": "127.0.0.1",
        "SHOP_REDIS_PORT": str(port),
        "REDIS_DB": 0,
        "REDIS_PASSWORD": "",
        "RQ_QUEUES": {"high": {"DEFAULT_TIMEOUT": 9, "URL": url}},
        "DRAMATIQ_BROKER": {"OPTIONS": {"url": "amqp://127.0.0.1:9//"}},
    }
