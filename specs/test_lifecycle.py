"""How one connection begins and ends: a handshake that is answered once, and one end, told once.

The rules are those of the ASGI WebSocket specification and of Channels' consumers. Connections are opened in process,
where thousands are cheap, and on every server of the subject, since a server has its say in how a connection ends.
"""

from __future__ import annotations

import asyncio
from functools import partial

from hypothesis import example, given
from hypothesis import strategies as st

from channels_conformance.checks import (
    answered_handshake,
    answered_in_time,
    asked_without_a_crash,
    closed_with,
    crashed,
    disconnect_code,
    disconnect_once_and_last,
    grammatical,
    silent_before_accept_and_after_close,
)
from channels_conformance.fixtures import ExtraServer
from channels_conformance.history import Kind
from channels_conformance.spec import claim, judge, judge_platform
from channels_conformance.subject.profile import Endpoint, ServerKind
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic import streams
from channels_conformance.traffic.steps import Drop, Join, Stream

ASGI = "ASGI WebSocket spec"


@claim("lifecycle/connect-is-answered-once", level="must", source=f"{ASGI}: Connect", endpoint="any")
@given(stream=streams.conversations(max_steps=6))
async def test_a_handshake_is_answered_exactly_once(subject: Subject, endpoint: Endpoint, stream: Stream) -> None:
    """Each handshake is answered by exactly one accept or close, and nothing else comes before it."""
    history = await subject.play(stream, endpoint, over="process", ready=False)

    judge(history, answered_handshake)


@claim("lifecycle/connect-is-answered-once", level="must", source=f"{ASGI}: Close", endpoint="any")
async def test_a_stranger_is_answered_exactly_once(subject: Subject, endpoint: Endpoint) -> None:
    """Who is not signed in is let in or refused, and not first the one and then the other."""
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice", "lobby", ready=False)
        await player.join("a stranger", "lobby", user="", ready=False, barred=endpoint.enter == "authenticated")

    judge(player.history, answered_handshake, asked_without_a_crash)


@claim("lifecycle/connect-is-answered-in-time", level="must", source=f"{ASGI}: Connect", endpoint="any")
async def test_a_handshake_is_answered_in_time(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """Whoever knocks is answered within five seconds, let in or not."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby")
        await player.join("a stranger", "lobby", user="", ready=False, barred=endpoint.enter == "authenticated")

    judge(player.history, answered_in_time)


@claim("lifecycle/silent-before-accept-and-after-close", level="must", source=f"{ASGI}: Send", endpoint="any")
@given(stream=streams.conversations(frames=streams.frames(), max_steps=8))
async def test_nothing_is_sent_before_accept_or_after_the_end(
    subject: Subject, endpoint: Endpoint, stream: Stream
) -> None:
    """An application sends nothing before it has accepted, and nothing once the connection has ended."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, silent_before_accept_and_after_close, grammatical)


@claim("lifecycle/silent-before-accept-and-after-close", level="must", source=f"{ASGI}: Send", endpoint="closing")
async def test_nothing_is_sent_after_the_applications_own_close(subject: Subject, endpoint: Endpoint) -> None:
    """Frames that were under way when the application closed are not answered any more."""
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice")
        for frame in (
            endpoint.closing(4001),
            await subject.frame(endpoint, "too late"),
            b"too late",
            endpoint.closing(4002),
        ):
            await player.frame("alice", frame)
        await player.ended("alice")
        await player.worker_ended("alice")

    judge(player.history, silent_before_accept_and_after_close, grammatical)


@claim(
    "lifecycle/silent-before-accept-and-after-close",
    level="must",
    source=f"{ASGI}: Send",
    endpoint="group protected",
    needs=("reference",),
)
async def test_nothing_is_sent_to_whom_the_application_has_signed_out(subject: Subject, endpoint: Endpoint) -> None:
    """Frames and messages that were under way when the application closed for a lost session are not answered."""
    late = [await subject.frame(endpoint, "am I still here?"), b"am I still here?"]
    async with subject.player(endpoint, over="process") as player:
        guest = subject.users.guest()
        await player.join("alice", "lobby", user=guest, hold_answers=True)
        await player.join("bob", "lobby")
        await subject.users.spoil(endpoint, guest, "logged out")

        async with subject.gate():
            for frame in late * 3:
                await player.frame("alice", frame)
            await player.worker_saw("alice", Kind.HELD)
            await player.heard("bob", await player.say("bob", "she has just left"))
        await player.ended("alice")
        await player.worker_ended("alice")

    judge(player.history, silent_before_accept_and_after_close, grammatical)


@claim("lifecycle/disconnect-runs-once-and-last", level="must", source=f"{ASGI}: Disconnect", endpoint="any")
@given(stream=streams.conversations(audiences=st.sampled_from(["lobby", "hall"]), max_steps=8))
@example(stream=(Join("alice", "lobby", 0), Drop("alice"), Join("bob", "lobby", 1), Drop("bob")))
async def test_disconnect_runs_once_and_last(subject: Subject, endpoint: Endpoint, stream: Stream) -> None:
    """However a client goes, with a code, without one or by a dropped line, disconnect runs exactly once and last."""
    history = await subject.play(stream, endpoint)

    judge(history, disconnect_once_and_last, crashed)


@claim("lifecycle/disconnect-tells-the-code", level="must", source="RFC 6455 §7.1.5", endpoint="any", first=True)
async def test_disconnect_tells_the_code(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """The application is told the code that the client closed with: 1005 for none, 1006 for a dropped line."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        for code in (1000, 1001, 3000, 4999, None):
            await player.join("alice", "lobby")
            await player.leave("alice", code)
        await player.join("bob", "lobby")
        await player.drop("bob")

    judge_platform(player.history, disconnect_code, claim="lifecycle/disconnect-tells-the-code", platform=server)


@claim("lifecycle/disconnect-after-server-close", level="must", source=f"{ASGI}: Disconnect", endpoint="closing")
async def test_disconnect_runs_once_after_the_application_closed(
    subject: Subject, endpoint: Endpoint, server: ServerKind
) -> None:
    """Where the application closes the connection itself, disconnect runs once all the same, and last."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice")
        await player.frame("alice", endpoint.closing(4001))
        await player.ended("alice")
        await player.worker_ended("alice")

    judge(player.history, disconnect_once_and_last, crashed)


@claim("lifecycle/close-code-arrives", level="must", source=f"{ASGI}: Close", endpoint="closing", first=True)
async def test_a_close_code_arrives(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """The code that an application closes with, after it has accepted, is the code that the client sees."""
    codes = {"alice": 1000, "bob": 3001, "carol": 4999}
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        for client, code in codes.items():
            await player.join(client)
            await player.frame(client, endpoint.closing(code))
            await player.ended(client)

    judge_platform(
        player.history, partial(closed_with, codes=codes), claim="lifecycle/close-code-arrives", platform=server
    )


@claim(
    "lifecycle/server-shutdown-ends-connections",
    level="should",
    source=f"{ASGI}: Disconnect",
    endpoint="talking",
    first=True,
)
async def test_a_server_that_shuts_down_tells_its_connections(
    subject: Subject, endpoint: Endpoint, server: ServerKind, extra_server: ExtraServer
) -> None:
    """A server that is told to stop ends its connections, and tells the application of each."""
    leaving = await extra_server(server)
    async with subject.player(endpoint, servers=[leaving]) as player:
        await player.join("alice", "lobby")
        await asyncio.to_thread(leaving.stop)
        await player.ended("alice")

    judge_platform(
        player.history,
        partial(disconnect_once_and_last, stopped=[leaving.name]),
        claim="lifecycle/server-shutdown-ends-connections",
        platform=server,
    )


@claim(
    "lifecycle/unrouted-path-is-refused",
    level="should",
    source="django/channels#2195",
    endpoint="any",
    evidence="refused",
    first=True,
)
async def test_an_unrouted_path_is_refused(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """A path that no route matches is refused as a client's mistake, not answered as a crash."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", path="/no/such/route/of/any/app/", ready=False)

    judge(player.history, crashed, answered_handshake)
