"""What users show to come in, and every kind of it that must not open a door, where the hooks make users and tokens."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.report.transcript import mask
from channels_conformance.spec import NotApplicable
from channels_conformance.subject.hooks import Hooks
from channels_conformance.subject.profile import Endpoint, ProfileError
from channels_conformance.subject.users import GARBAGE, Users, tampered
from channels_conformance.traffic.stage import Credential

TOKEN = Endpoint(name="chat", path="/ws/", query="token={token}", enter="authenticated", say="{text}")
COOKIE = Endpoint(name="news", path="/ws/", enter="authenticated", say="{text}")
MAKE = """
    from types import SimpleNamespace
    def make_user(name): return SimpleNamespace(pk=len(name), name=name)
    def token(user): return f"head.{user.name}.signature"
    def cookies(user): return {"jwt": f"{user.name}.signature", "lang": "en"}
"""


def users(folder: Path, code: str = "", *, make: str = MAKE) -> Users:
    """Return users whose hooks are this code."""
    path = folder / "conformance_hooks.py"
    path.write_text(dedent(make) + dedent(code))
    return Users(Hooks(path))


@pytest.mark.asyncio
async def test_a_user_shows_what_the_endpoint_asks_for(tmp_path: Path) -> None:
    """A token where a template names it, cookies where none does, and nothing where the client is nobody."""
    some = users(tmp_path)

    assert await some.credential("alice", TOKEN) == Credential(token="head.alice.signature")
    assert await some.credential("alice", COOKIE) == Credential(cookies={"jwt": "alice.signature", "lang": "en"})
    assert await some.credential("", TOKEN) == Credential()
    assert await some.id("alice") == 5
    browser = await some.browser("bob")
    assert dict(browser.cookies) == {"jwt": "bob.signature", "lang": "en", "csrftoken": browser.cookies["csrftoken"]}


@pytest.mark.asyncio
async def test_a_token_is_never_shown(tmp_path: Path) -> None:
    """Whatever a user came with is masked in reports, wherever it stands."""
    await users(tmp_path).credential("a-secretive-user", TOKEN)

    assert mask("sent AUTH head.a-secretive-user.signature!") == "sent AUTH ***!"


@pytest.mark.asyncio
async def test_garbage_and_tampered_tokens_need_no_hook(tmp_path: Path) -> None:
    """They are made of good ones, for tokens and cookies alike; each guest is somebody new."""
    some = users(tmp_path)

    assert await some.intruder(TOKEN, "anonymous") == Credential()
    assert await some.intruder(TOKEN, "garbage") == Credential(token=GARBAGE)
    assert await some.intruder(TOKEN, "tampered") == Credential(token="head.guest2.aignature")
    assert await some.intruder(COOKIE, "garbage") == Credential(cookies={"jwt": GARBAGE, "lang": GARBAGE})
    assert (await some.intruder(COOKIE, "tampered")).cookies["jwt"] == "guest4.aignature"
    assert await some.forged(TOKEN, "null") == Credential(token="null")


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["expired", "logged out", "inactive", "deleted"])
async def test_what_cannot_be_made_is_not_applicable(tmp_path: Path, kind: str) -> None:
    """Without spoil(), or where it raises LookupError, there is no intruder of such a kind, and the reason is said."""
    with pytest.raises(NotApplicable, match=f'no function spoil.user, kind. that could make a token "{kind}"'):
        await users(tmp_path).intruder(TOKEN, kind)  # type: ignore[arg-type]

    some = users(tmp_path, "def spoil(user, kind): raise LookupError('we keep no list of them')\n")
    with pytest.raises(NotApplicable, match=f'knows no "{kind}": we keep no list of them'):
        await some.intruder(TOKEN, kind)  # type: ignore[arg-type]
    assert await some.intruder(TOKEN, "garbage") == Credential(token=GARBAGE)
    assert [one async for one in some.intruders(TOKEN, "anonymous", "expired", "deleted")] == [Credential()]


@pytest.mark.asyncio
async def test_the_hook_spoils(tmp_path: Path) -> None:
    """What spoil() returns is what the intruder comes with, and afterwards the user signs in anew."""
    some = users(tmp_path, "def spoil(user, kind): return f'{kind} {user.name}'\n")

    assert await some.spoil(TOKEN, "alice", "expired") == Credential(token="expired alice")
    assert await some.credential("alice", TOKEN) == Credential(token="head.alice.signature")


@pytest.mark.asyncio
async def test_a_deactivated_user_needs_no_hook(tmp_path: Path) -> None:
    """A user that is a row is deactivated or deleted, and the token, which was good, stays."""
    model = """
        class User:
            class _meta:
                get_field = staticmethod(lambda name: name)
            pk = name = "carol"
            is_active = True
            gone = False
            def save(self): pass
            def delete(self): self.gone = True
        def make_user(name): return User()
        def token(user): return "carol's token"
    """
    some = users(tmp_path, make=model)

    assert await some.spoil(TOKEN, "carol", "inactive") == Credential(token="carol's token")
    assert (await some.user("carol")).is_active is False
    assert await some.spoil(TOKEN, "carol", "deleted") == Credential(token="carol's token")
    assert (await some.user("carol")).gone


@pytest.mark.asyncio
async def test_what_the_hooks_leave_open_is_named(tmp_path: Path) -> None:
    """No function for a token that a template names, and a user who is none, are refused in one sentence."""
    no_token = "from types import SimpleNamespace\ndef make_user(name): return SimpleNamespace(pk=1)\n"
    with pytest.raises(ProfileError, match=r"\[endpoints.chat\] names {token}, and nothing says what stands for it"):
        await users(tmp_path, make=no_token).credential("alice", TOKEN)
    with pytest.raises(ProfileError, match=r"make_user\(\) returned None: let it return a user"):
        await users(tmp_path, make="def make_user(name): return None\n").id("alice")


@given(st.from_regex(r"[A-Za-z0-9_.:-]{1,40}", fullmatch=True))
def test_a_tampered_token_is_another(token: str) -> None:
    """One character is altered, never the last of several, which may hold bits that nobody reads."""
    spoilt = tampered(token)

    differing = [place for place, (one, other) in enumerate(zip(token, spoilt, strict=True)) if one != other]
    assert len(differing) == 1
    assert tampered("") == ""
