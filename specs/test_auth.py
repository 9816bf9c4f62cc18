"""Who is let in, and what becomes of who is not.

Someone who may enter knocks beside everyone who may not, so that an application which lets nobody in keeps no claim.
"""

from __future__ import annotations

import string
from functools import partial
from urllib.parse import urlencode

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from channels_conformance.checks import (
    joined_no_group,
    leaked,
    refused_before_accept,
    refused_without_a_crash,
    shut_out,
)
from channels_conformance.history import Kind
from channels_conformance.spec import claim, judge, not_applicable, refused
from channels_conformance.subject.profile import Endpoint, ServerKind
from channels_conformance.subject.subject import Subject
from channels_conformance.subject.users import Intruder
from channels_conformance.traffic import characters, origins
from channels_conformance.traffic.player import Player

AUTH = "Channels docs: Authentication"
SESSIONS = "Django docs: Sessions"

SESSION_KEYS = st.sampled_from(["alice", "1", "0", "None", "null", "true"]) | st.text(
    characters.of(string.ascii_letters + string.digits + "-_.:"), min_size=1, max_size=64
)
# An application that lets somebody in costs a deadline each time, and these values are as small as they get.
AS_DRAWN = settings(phases=[Phase.explicit, Phase.generate])


@claim("auth/anonymous-is-refused", level="must", source=f"{AUTH}; django/channels#1241", endpoint="protected")
async def test_a_client_without_a_session_is_refused(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """A client without a session is refused where a user is asked for: first, last, and as often as it comes."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.intrude("mallory", "lobby")
        await player.join("alice", "lobby")
        await player.intrude("mallory", "lobby")
        await player.intrude("mallory", "elsewhere")

    judge(player.history, refused(endpoint, player))


@claim("auth/anonymous-is-refused", level="must", source=AUTH, endpoint="open")
async def test_a_client_without_a_session_is_let_in_where_anyone_is(
    subject: Subject, endpoint: Endpoint, server: ServerKind
) -> None:
    """Where no user is asked for, a client without a session is let in."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("a stranger", "lobby", user="")

    judge(player.history, refused(endpoint, player))


@claim("auth/tampered-session-is-refused", level="must", source=f"{AUTH}; {SESSIONS}", endpoint="protected")
async def test_an_altered_session_is_refused(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """An altered session cookie, or token, opens nothing, and no name in the query string makes up for it."""
    alice = await subject.users.id("alice")
    named = urlencode({"user": "alice", "username": "alice", "user_id": alice, "token": "alice"})
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby")
        async for credential in subject.users.intruders(endpoint, "tampered", "garbage"):
            await player.intrude("mallory", "lobby", credential=credential)
        await player.intrude("mallory", "lobby", query=named)

    judge(player.history, refused(endpoint, player))


@claim("auth/tampered-session-is-refused", level="must", source=f"{AUTH}; {SESSIONS}", endpoint="protected")
@AS_DRAWN
@given(key=SESSION_KEYS)
async def test_a_made_up_session_is_refused(subject: Subject, endpoint: Endpoint, key: str) -> None:
    """No session cookie or token that a client makes up opens anything, the name or number of a user least of all."""
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice", "lobby")
        await player.intrude("mallory", "lobby", credential=await subject.users.forged(endpoint, key))

    judge(player.history, refused(endpoint, player))


async def _come_back(subject: Subject, endpoint: Endpoint, server: ServerKind, kind: Intruder) -> Player:
    """Have a guest come in, lose the right to, and knock again, beside somebody who has not lost it."""
    guest = subject.users.guest()
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby")
        await player.join("guest", "lobby", user=guest)
        await player.leave("guest")
        credential = await subject.users.spoil(endpoint, guest, kind)
        await player.intrude("guest", "lobby", user=guest, credential=credential)
    return player


@claim("auth/expired-session-is-refused", level="must", source=f"{SESSIONS}; {AUTH}", endpoint="protected")
async def test_an_expired_session_is_refused(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """A session that was good and has expired since opens no connection."""
    player = await _come_back(subject, endpoint, server, "expired")

    judge(player.history, refused(endpoint, player))


@claim("auth/logged-out-session-is-refused", level="must", source=f"{AUTH}; django/channels#1324", endpoint="protected")
async def test_a_session_that_was_logged_out_is_refused(
    subject: Subject, endpoint: Endpoint, server: ServerKind
) -> None:
    """Once its user has logged out, a cookie that was good opens no connection."""
    player = await _come_back(subject, endpoint, server, "logged out")

    judge(player.history, refused(endpoint, player))


@claim("auth/new-password-ends-the-session", level="must", source=f"{SESSIONS}; {AUTH}", endpoint="protected by-cookie")
async def test_a_session_from_before_a_new_password_is_refused(
    subject: Subject, endpoint: Endpoint, server: ServerKind
) -> None:
    """Once its user has a new password, a session that was opened with the old one opens no connection."""
    player = await _come_back(subject, endpoint, server, "new password")

    judge(player.history, refused(endpoint, player))


@claim("auth/inactive-user-is-refused", level="must", source="Django docs: Authentication", endpoint="protected")
@pytest.mark.parametrize("kind", ["inactive", "deleted"])
async def test_a_user_who_was_deactivated_is_refused(
    subject: Subject, endpoint: Endpoint, server: ServerKind, kind: Intruder
) -> None:
    """A user who has been deactivated, or deleted, is refused, although the session is there."""
    player = await _come_back(subject, endpoint, server, kind)

    judge(player.history, refused(endpoint, player))


@claim(
    "auth/refused-before-accept",
    level="must",
    source="ASGI WebSocket spec: Close; django/channels#1390",
    endpoint="protected rejecting",
    evidence="refused",
)
async def test_refusal_comes_before_accept(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """Where refusal is declared to come before accept, whoever is refused gets an HTTP status and never a WebSocket."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        async for credential in subject.users.intruders(
            endpoint, "anonymous", "tampered", "expired", "logged out", "inactive"
        ):
            await player.intrude("mallory", "lobby", credential=credential)

    judge(player.history, partial(refused_before_accept, barred=player.intruders))


@claim(
    "auth/refused-socket-joins-no-group",
    level="must",
    source="Channels docs: Channel Layers",
    endpoint="protected",
    needs=("redis",),
    evidence="refused",
)
async def test_a_refused_connection_is_in_no_group(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """Once a connection has been refused, it is in no group."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        async for credential in subject.users.intruders(endpoint, "anonymous", "garbage"):
            await player.intrude("mallory", "lobby", credential=credential)

    judge(player.history, leaked, partial(joined_no_group, barred=player.intruders))


@claim("auth/refused-socket-hears-nothing", level="must", source="OWASP: WebSocket Security", endpoint="protected")
async def test_a_refused_connection_neither_hears_nor_is_heard(
    subject: Subject, endpoint: Endpoint, server: ServerKind
) -> None:
    """A refused connection is told nothing, and what it sends all the same, deaf to the close, reaches nobody."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby")
        async for credential in subject.users.intruders(endpoint, "anonymous", "garbage"):
            await player.join("mallory", "lobby", user="", credential=credential, ready=False, barred=True, deaf=True)
            await player.say("mallory", "let me in")
            await player.tell("alice", "for members only")
            await player.say("mallory", "I am in")
            await player.drop("mallory")

    judge(player.history, partial(shut_out, barred=player.intruders))


@claim(
    "auth/disconnect-after-refusal-does-not-crash",
    level="must",
    source="ASGI WebSocket spec: Disconnect",
    endpoint="protected",
    evidence="refused",
)
async def test_the_end_of_a_refused_connection_does_not_crash(
    subject: Subject, endpoint: Endpoint, server: ServerKind
) -> None:
    """Servers tell the application of the end of a refused connection too, and it takes that without an exception."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        async for credential in subject.users.intruders(endpoint, "anonymous", "tampered", "inactive"):
            await player.intrude("mallory", "lobby", credential=credential)

    judge(player.history, partial(refused_without_a_crash, barred=player.intruders))


@claim(
    "auth/disconnect-after-refusal-does-not-crash",
    level="must",
    source="ASGI WebSocket spec: Disconnect",
    endpoint="unknown",
    evidence="refused",
)
async def test_the_end_of_whichever_connection_is_refused_does_not_crash(subject: Subject, endpoint: Endpoint) -> None:
    """Whoever it is that an application refuses, the end of that connection costs it no exception."""
    async with subject.player(endpoint, over="process") as player:
        await player.join("a stranger", "lobby", user="", ready=False)
        await player.join(
            "a liar", "lobby", credential=await subject.users.forged(endpoint, "no such session"), ready=False
        )
        await player.join("a visitor", "lobby", user="", origin=origins.STRANGER, ready=False)
    refusals = player.history.of(Kind.REFUSED)
    if not refusals:
        not_applicable("nobody is refused")

    judge(player.history, partial(refused_without_a_crash, barred=[event.connection for event in refusals]))
