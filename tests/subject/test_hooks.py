"""A hooks file does what no template can; whatever is wrong with it ends in one sentence that names it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from channels_conformance.subject.hooks import Hooks
from channels_conformance.subject.profile import ProfileError

pytestmark = pytest.mark.asyncio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a hooks file is to be written."""
    return tmp_path / "conformance_hooks.py"


def hooks(path: Path, code: str) -> Hooks:
    """Return the hooks that this code makes."""
    path.write_text(dedent(code))
    return Hooks(path)


async def test_a_profile_without_hooks_has_none() -> None:
    """Nothing is called where no file is named."""
    assert "token" not in Hooks()


async def test_functions_may_be_async_or_not(path: Path) -> None:
    """Both kinds are called, with what they take, and return what they return."""
    both = hooks(
        path,
        """
        async def token(user): return f"token of {user}"
        def cookies(user): return {"who": user}
        def set_up(endpoint, **parameters): return endpoint, parameters
        """,
    )

    assert await both.call_for((str,), "token", "alice") == "token of alice"
    assert await both.call_for((dict,), "cookies", "alice") == {"who": "alice"}
    assert await both.call("set_up", "chat", room="lobby") == ("chat", {"room": "lobby"})
    assert "spoil" not in both


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("def token(user:\n", "cannot be imported: SyntaxError: "),
        ("import no_such_module\n", "cannot be imported: ModuleNotFoundError: No module named 'no_such_module'."),
        ("token = 'x'\n", ": token must be a function, not 'x'."),
        ("def tokn(user): ...\n", ': nothing calls tokn(): did you mean "token"?'),
        ("def token(): ...\n", ": token() must take token(user)."),
        ("def spoil(user): ...\n", ": spoil(user) must take spoil(user, kind)."),
        ("def set_up(endpoint): ...\n", ": set_up(endpoint) must take set_up(endpoint, **parameters)."),
    ],
)
async def test_a_file_that_cannot_be_used_is_named(path: Path, code: str, sentence: str) -> None:
    """A file that cannot be imported, or holds what nothing can call, is refused with a sentence that names it."""
    with pytest.raises(ProfileError) as caught:
        hooks(path, code)

    told = str(caught.value)
    assert told.startswith(str(path))
    assert sentence in told
    assert "\n" not in told


async def test_helpers_are_the_files_own_business(path: Path) -> None:
    """Names that are like none of the functions, private ones and imported ones are let be."""
    assert "token" in hooks(
        path, "from json import loads as tokens\ndef _tokn(): ...\ndef key(): ...\ndef token(user): ...\n"
    )


@pytest.mark.parametrize("exception", ["ValueError('no such\\nuser')", "KeyError('alice')", "LookupError('none')"])
async def test_a_function_that_raises_is_named_with_the_line(path: Path, exception: str) -> None:
    """What a function raises is told in one sentence, with the file, the line and the function."""
    one = hooks(path, f"\ndef token(user):\n    raise {exception}\n")

    with pytest.raises(ProfileError) as caught:
        await one.call("token", "alice")

    told = str(caught.value)
    assert told.startswith(f"{path}, line 3: token() raised {exception.partition('(')[0]}: ")
    assert "\n" not in told


async def test_who_may_decline_does_so_by_a_lookup_error(path: Path) -> None:
    """spoil() says by LookupError that there is no such token; a KeyError, which is one too, is a mistake."""
    one = hooks(path, "def spoil(user, kind):\n    raise {'expired': LookupError}.get(kind, KeyError)(kind)\n")

    with pytest.raises(LookupError, match="expired"):
        await one.call("spoil", "alice", "expired")
    with pytest.raises(ProfileError, match="KeyError"):
        await one.call("spoil", "alice", "deleted")


@pytest.mark.parametrize(("value", "kinds"), [("None", (str,)), ("7", (str, bytes)), ("['a']", (dict,))])
async def test_what_is_returned_must_be_of_the_kind(path: Path, value: str, kinds: tuple[type[Any], ...]) -> None:
    """A value of another type is refused with what to return instead."""
    one = hooks(path, f"def token(user): return {value}\n")

    with pytest.raises(ProfileError) as caught:
        await one.call_for(kinds, "token", "alice")

    wanted = " or ".join(kind.__name__ for kind in kinds)
    assert str(caught.value) == f"{path}: token() returned {value}: let it return {wanted}."
