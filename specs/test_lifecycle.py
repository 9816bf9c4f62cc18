"""The life of one connection: a handshake, frames both ways in order, and one end, told once.

The rules are those of the ASGI WebSocket specification and of Channels' consumers. Connections are opened in process,
where thousands are cheap, and on every server of the subject, since a server has its say in how a connection ends.
"""

from __future__ import annotations

import asyncio
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.checks import (
    answered_handshake,
    closed_with,
    crashed,
    crossed,
    disconnect_code,
    disconnect_once_and_last,
    duplicated,
    echoed,
    grammatical,
    leaked,
    lost,
    one_instance_per_connection,
    reordered,
    silent_before_accept_and_after_close,
    unawaited,
    whole,
)
from channels_conformance.spec import claim, judge, judge_platform
from channels_conformance.traffic import streams

ASGI = "ASGI WebSocket spec"
CHANNELS = "Channels docs: Consumers"


@claim("lifecycle/connect-is-answered-once", level="must", source=f"{ASGI}: Connect", endpoint="any")
@given(stream=streams.conversations(max_steps=6))
async def test_a_handshake_is_answered_exactly_once(subject, endpoint, stream):
    """Each handshake is answered by exactly one accept or close, and nothing else comes before it."""
    history = await subject.play(stream, endpoint, over="process", ready=False)

    judge(history, answered_handshake, grammatical, unawaited)


@claim("lifecycle/connect-is-answered-in-time", level="must", source=f"{ASGI}: Connect", endpoint="any")
async def test_a_handshake_is_answered_in_time(subject, endpoint, server):
    """Whoever knocks is answered within five seconds, let in or not."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby")
        await player.join("a stranger", "lobby", user="")

    judge(player.history, answered_handshake)


@claim("lifecycle/silent-before-accept-and-after-close", level="must", source=f"{ASGI}: Send", endpoint="any")
@given(stream=streams.conversations(frames=streams.frames(), max_steps=8))
async def test_nothing_is_sent_before_accept_or_after_the_end(subject, endpoint, stream):
    """An application sends nothing before it has accepted, and nothing once the connection has ended."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, silent_before_accept_and_after_close, grammatical)


@claim("lifecycle/messages-in-order", level="must", source=CHANNELS, endpoint="talking", evidence="delivered")
@given(texts=st.lists(streams.texts(max_size=200), min_size=2, max_size=20))
async def test_messages_are_handled_in_the_order_sent(subject, endpoint, texts):
    """What one client says without waiting is handled in the order in which it was said."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby")
        for text in texts:
            await player.say("alice", text)

    judge(player.history, reordered, lost, duplicated)


@claim(
    "lifecycle/many-messages-over-one-connection",
    level="must",
    source=f"{ASGI}: Receive",
    endpoint="talking",
    evidence="delivered",
)
async def test_one_connection_carries_many_messages(subject, endpoint):
    """On every worker, one connection carries a hundred messages, each answered, and is still open."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby", worker=0)
        await player.join("bob", "hall", worker=1)
        for _ in range(5):
            for _ in range(20):
                await player.say("alice")
                await player.say("bob")
            await player.fence()

    judge(player.history, *whole, crashed)


@claim(
    "lifecycle/text-stays-text-and-binary-stays-binary",
    level="must",
    source=f"{ASGI}: Receive",
    endpoint="echoing",
    evidence="accepted",
)
@given(frames=st.lists(st.text(max_size=50) | st.binary(max_size=50), min_size=1, max_size=8))
async def test_text_stays_text_and_binary_stays_binary(subject, endpoint, frames):
    """A frame that is echoed comes back of the same type and content, empty ones too."""
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice")
        for frame in frames:
            await player.frame("alice", frame)

    judge(player.history, echoed, crashed)


@claim("lifecycle/empty-frames-arrive", level="must", source="RFC 6455 §5.6", endpoint="echoing", first=True)
async def test_empty_frames_arrive(subject, endpoint, server):
    """A server delivers an empty text frame and an empty binary frame, both ways."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice")
        await player.frame("alice", "")
        await player.frame("alice", b"")

    judge_platform(player.history, echoed, claim="lifecycle/empty-frames-arrive", platform=server)


@claim("lifecycle/disconnect-runs-once-and-last", level="must", source=f"{ASGI}: Disconnect", endpoint="any")
@given(stream=streams.conversations(max_steps=8))
async def test_disconnect_runs_once_and_last(subject, endpoint, stream):
    """However a client goes, with a code, without one or by a dropped line, disconnect runs exactly once and last."""
    history = await subject.play(stream, endpoint)

    judge(history, disconnect_once_and_last, grammatical, crashed)


@claim("lifecycle/disconnect-tells-the-code", level="must", source="RFC 6455 §7.1.5", endpoint="any", first=True)
async def test_disconnect_tells_the_code(subject, endpoint, server):
    """The application is told the code that the client closed with: 1005 for none, 1006 for a dropped line."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        for code in (1000, 1001, 3000, 4999, None):
            await player.join("alice", "lobby")
            await player.leave("alice", code)
        await player.join("bob", "lobby")
        await player.drop("bob")

    judge_platform(player.history, disconnect_code, claim="lifecycle/disconnect-tells-the-code", platform=server)


@claim("lifecycle/disconnect-after-server-close", level="must", source=f"{ASGI}: Disconnect", endpoint="closing")
async def test_disconnect_runs_once_after_the_application_closed(subject, endpoint, server):
    """Where the application closes the connection itself, disconnect runs once all the same, and last."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice")
        await player.frame("alice", endpoint.closing(4001))
        await player.ended("alice")
        await player.worker_saw("alice", *player.ENDED)

    judge(player.history, disconnect_once_and_last, grammatical, crashed)


@claim("lifecycle/close-code-arrives", level="must", source=f"{ASGI}: Close", endpoint="closing", first=True)
async def test_a_close_code_arrives(subject, endpoint, server):
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
    "lifecycle/handler-exception-ends-only-that-connection",
    level="must",
    source=f"{CHANNELS}; django/daphne#215",
    endpoint="talking",
    needs=("redis",),
    evidence="delivered",
)
async def test_an_exception_in_a_handler_ends_only_that_connection(subject, endpoint, server):
    """An exception in one connection's handler ends that connection, and costs the others nothing."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby")
        await player.join("bob", "lobby")
        await player.raise_in_handler("alice")
        await player.ended("alice")
        await player.say("bob", "still here")

    judge(player.history, lost, duplicated, leaked)


@claim(
    "lifecycle/server-shutdown-ends-connections", level="should", source=f"{ASGI}: Disconnect", endpoint="talking", first=True
)
async def test_a_server_that_shuts_down_tells_its_connections(subject, endpoint, server):
    """A server that is told to stop ends its connections, and tells the application of each."""
    leaving = await subject.extra_server(server)
    async with subject.player(endpoint, servers=[leaving]) as player:
        await player.join("alice", "lobby")
        await asyncio.to_thread(leaving.stop)
        await player.ended("alice")

    judge_platform(
        player.history,
        disconnect_once_and_last,
        claim="lifecycle/server-shutdown-ends-connections",
        platform=server,
    )


@claim("lifecycle/one-instance-per-connection", level="must", source=CHANNELS, endpoint="any")
@given(stream=streams.conversations(max_steps=6))
async def test_every_connection_has_a_consumer_of_its_own(subject, endpoint, stream):
    """Each connection is served by one consumer instance, and no instance serves two."""
    history = await subject.play(stream, endpoint, over="process", ready=False)

    judge(history, one_instance_per_connection)


@claim("lifecycle/no-state-is-shared", level="must", source=CHANNELS, endpoint="sender", evidence="delivered")
@given(stream=streams.conversations(workers=1))
async def test_connections_share_no_state(subject, endpoint, stream):
    """What one client says shows in no answer to another, however they interleave."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, crossed, lost, duplicated)


@claim(
    "lifecycle/idle-connection-lives",
    level="must",
    source="django/channels_redis#422",
    endpoint="talking",
    evidence="delivered",
    last=True,
)
async def test_an_idle_connection_lives(subject, endpoint, subject_idle):
    """A connection on which nobody says anything for eleven seconds is still open, and still answers."""
    history = await subject_idle(endpoint)

    judge(history, crashed, lost)


@claim("lifecycle/bad-frames-are-survived", level="must", source="django/channels#2219", endpoint="any")
@given(frames=st.lists(streams.frames(), min_size=1, max_size=6))
async def test_bad_frames_are_survived(subject, endpoint, frames):
    """No frame, of whatever type, shape or size, makes a handler raise."""
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice", "lobby")
        for frame in frames:
            await player.frame("alice", frame)

    judge(player.history, crashed, unawaited)


@claim(
    "lifecycle/unrouted-path-is-refused",
    level="should",
    source="django/channels#2195",
    endpoint="any",
    evidence="refused",
)
async def test_an_unrouted_path_is_refused(subject, endpoint, server):
    """A path that no route matches is refused as a client's mistake, not answered as a crash."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", path="/no/such/route/of/any/app/", ready=False)

    judge(player.history, crashed, answered_handshake)
