"""A project whose clients only listen is judged by the HTTP calls that make it tell them something."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run

FEEDS = Path(__file__).with_name("feeds")
CLAIM = "fanout/http-push-reaches-the-audience"


def test_what_comes_over_http_is_heard_by_all_and_by_each_user(run: Run, redis: Redis) -> None:
    """A call reaches all who listen, or all connections of one user, on three workers, and holds as its own fence."""
    result = run("--subject", str(FEEDS), "--redis-url", redis.url, "--chapter", "fanout", "--chapter", "lifecycle")

    verdicts = result.verdicts()
    assert verdicts[CLAIM] == "holds", result.output
    assert set(verdicts.values()) <= {"holds", "known", "not applicable"}, result.output
    specs = [spec for spec in result.report["specs"] if CLAIM in spec["claims"] and spec["verdict"] == "holds"]
    assert len(specs) == 2


@pytest.mark.parametrize(
    "settings",
    [
        "CSRF_USE_SESSIONS = True",
        "CSRF_USE_SESSIONS = True\nSESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'",
        "CSRF_COOKIE_NAME = 'xsrf-for-us'\nCSRF_HEADER_NAME = 'HTTP_X_XSRF_FOR_US'",
        "CSRF_COOKIE_HTTPONLY = True\nCSRF_COOKIE_SECURE = True",
    ],
    ids=["in the session", "in a session that is a cookie", "other names", "not for scripts"],
)
def test_the_token_is_got_as_django_gives_it(settings: str, run: Run, redis: Redis, tmp_path: Path) -> None:
    """A project may keep the secret behind its CSRF tokens where it likes, under any name."""
    copy = tmp_path / "feeds"
    shutil.copytree(FEEDS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "settings.py").open("a") as file:
        file.write(f"{settings}\n")

    result = run("--subject", str(copy), "--redis-url", redis.url, "--claim", CLAIM)

    assert result.verdicts() == {CLAIM: "holds"}, result.output


TOLD = '    await get_channel_layer().group_send("feed", {"type": "told", "text": request.POST["headline"]})\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('group_send(f"user.{key}"', 'group_send("feed"'),
        ('request.method != "POST" or', 'request.POST["headline"] or'),
        (TOLD, TOLD * 2),
    ],
    ids=["told others", "refused", "told twice"],
)
def test_a_call_that_tells_the_wrong_ones_or_nobody_is_found(
    before: str, after: str, run: Run, redis: Redis, tmp_path: Path
) -> None:
    """A call that tells everybody but its user, is refused, or tells twice, violates the claim."""
    copy = tmp_path / "planted"
    shutil.copytree(FEEDS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    text = (copy / "asgi.py").read_text()
    assert text.count(before) == 1
    (copy / "asgi.py").write_text(text.replace(before, after))

    result = run("--subject", str(copy), "--redis-url", redis.url, "--claim", CLAIM)

    assert result.verdicts() == {CLAIM: "violated"}, result.output
