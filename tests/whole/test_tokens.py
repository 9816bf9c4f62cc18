"""A project whose users come with tokens, in whichever way, is judged as one whose users come with cookies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run

TOKENS = Path(__file__).with_name("tokens")


def planted(folder: Path, file: str, before: str, after: str) -> Path:
    """Return a copy of the project in which one place of one file is another."""
    copy = folder / "planted"
    shutil.copytree(TOKENS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    text = (copy / file).read_text()
    assert text.count(before) == 1
    (copy / file).write_text(text.replace(before, after))
    return copy


def test_who_comes_with_a_token_is_judged_like_anybody(run: Run, redis: Redis) -> None:
    """Each claim about users and about messages holds, or concerns cookies, or tokens that cannot be taken back."""
    claims = ("fanout/exactly-once-across-workers", "fanout/ready-means-joined")
    narrowed = [word for claim in claims for word in ("--claim", claim)]

    auth = run("--subject", str(TOKENS), "--redis-url", redis.url, "--chapter", "auth")
    fanout = run("--subject", str(TOKENS), "--redis-url", redis.url, *narrowed)

    verdicts = auth.verdicts()
    held = {claim for claim, verdict in verdicts.items() if verdict == "holds"}
    assert {verdict for claim, verdict in verdicts.items() if claim not in held} == {"not applicable"}, auth.output
    assert set(verdicts) - held == {
        "auth/foreign-origin-is-refused",
        "auth/lookalike-origin-is-refused",
        "auth/missing-origin-is-refused",
        "auth/new-password-ends-the-session",
        "auth/notifications-reach-only-their-user",
        "auth/null-origin-is-refused",
        "auth/open-endpoint-checks-origin",
        "auth/right-user-in-scope",
    }
    reasons = {spec["reason"] for spec in auth.report["specs"]}
    assert any('knows no "logged out": a token cannot be taken back' in reason for reason in reasons)
    assert fanout.verdicts() == dict.fromkeys(claims, "holds")


JOIN = 'case "join" if self.user and not self.group:'
BAD = "except (ValueError, signing.BadSignature):\n        return "
PERSON = "pk=key, is_active=True).first() if isinstance(key, int) else None"


@pytest.mark.parametrize(
    ("claim", "before", "after"),
    [
        ("auth/refused-socket-joins-no-group", JOIN, 'case "join" if not self.group:'),
        ("auth/refused-socket-hears-nothing", JOIN, 'case "join":'),
        ("auth/anonymous-is-refused", 'await self.send(json.dumps({"error": "sign in first"}))', "pass"),
        ("auth/tampered-session-is-refused", f"{BAD}None", f"{BAD}get_user_model().objects.first()"),
        ("auth/expired-session-is-refused", PERSON, "pk=key if isinstance(key, int) else key[0]).first()"),
    ],
)
def test_a_fault_in_who_is_let_in_is_found(
    claim: str, before: str, after: str, run: Run, redis: Redis, tmp_path: Path
) -> None:
    """An application that lets in who has no good token is found out, though it accepts everybody at first."""
    faulty = planted(tmp_path, "asgi.py", before, after)
    result = run("--subject", str(faulty), "--redis-url", redis.url, "--claim", claim)

    assert result.verdicts() == {claim: "violated"}, result.output


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('"""Return a good token."""', "raise RuntimeError('no\\nkey')", "token() raised RuntimeError: no key"),
        ("def token(user):", "def token(user:", "cannot be imported: SyntaxError"),
    ],
)
def test_a_hook_that_fails_ends_the_run_in_a_sentence(
    before: str, after: str, sentence: str, run: Run, redis: Redis, tmp_path: Path
) -> None:
    """Whether a hook cannot be imported or fails when it is called: one sentence, exit code 4, no traceback."""
    faulty = planted(tmp_path, "conformance_hooks.py", before, after)

    result = run("--subject", str(faulty), "--redis-url", redis.url, "--claim", "auth/anonymous-is-refused")

    assert f"{faulty}/conformance_hooks.py" in result.output
    assert sentence in result.output
    assert "Traceback" not in result.output
    assert result.code == 4
