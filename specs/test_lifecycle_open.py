"""What happens while a connection is open: frames come and go in order, and nobody else is in the way.

What an application does by itself is judged in process; how it gets on with many messages, with another connection's
failure and with long silence, on its servers.
"""

from __future__ import annotations

import string
from functools import partial

from hypothesis import example, given
from hypothesis import strategies as st

from channels_conformance.checks import (
    crashed,
    crossed,
    echoed,
    lost,
    never_heard,
    one_instance_per_connection,
    reordered,
    stayed,
    unawaited,
)
from channels_conformance.fixtures import Silent
from channels_conformance.spec import NotApplicable, claim, judge, judge_platform
from channels_conformance.subject.profile import Endpoint, ServerKind
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic import characters, streams
from channels_conformance.traffic.steps import Stream

ASGI = "ASGI WebSocket spec"
CHANNELS = "Channels docs: Consumers"

# Long and short, as one may overtake the other; and plain, since what becomes of others is no matter of order.
SHORT = st.text(characters.of(string.ascii_lowercase), min_size=1, max_size=8)
MARKER = 20  # characters to leave for the marker that the player puts in front of a text
WORDS = SHORT | SHORT.map(lambda word: (word * 200)[:200])


@claim("lifecycle/messages-in-order", level="must", source=CHANNELS, endpoint="talking", evidence="delivered")
@given(texts=st.lists(WORDS, min_size=2, max_size=20))
async def test_messages_are_handled_in_the_order_sent(subject: Subject, endpoint: Endpoint, texts: list[str]) -> None:
    """What one client says without waiting is handled in the order in which it was said."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby")
        for text in (*texts, "a" * 200, "b"):  # a long one is overtaken by a short one, if any is
            await player.say("alice", text[: max(endpoint.longest_text - MARKER, 0)])

    judge(player.history, reordered, never_heard)


@claim(
    "lifecycle/many-messages-over-one-connection",
    level="must",
    source=f"{ASGI}: Receive",
    endpoint="talking",
    evidence="delivered",
)
async def test_one_connection_carries_many_messages(subject: Subject, endpoint: Endpoint) -> None:
    """On every worker, one connection carries a hundred messages, each answered, and is still open."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby", worker=0)
        await player.join("bob", "hall", worker=1)
        for _ in range(5):
            for _ in range(20):
                await player.say("alice")
                await player.say("bob")
            await player.fence()

    judge(player.history, never_heard, crashed)


@claim(
    "lifecycle/text-stays-text-and-binary-stays-binary",
    level="must",
    source=f"{ASGI}: Receive",
    endpoint="echoing",
    evidence="accepted",
)
@given(
    frames=st.lists(streams.texts(max_size=50, empty=True, nul=True) | st.binary(max_size=50), min_size=1, max_size=8)
)
async def test_text_stays_text_and_binary_stays_binary(
    subject: Subject, endpoint: Endpoint, frames: list[str | bytes]
) -> None:
    """A frame that is echoed comes back of the same type and content, empty ones too."""
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice")
        for frame in frames:
            await player.frame("alice", frame)

    judge(player.history, echoed, crashed)


@claim("lifecycle/empty-frames-arrive", level="must", source="RFC 6455 §5.6", endpoint="echoing", first=True)
async def test_empty_frames_arrive(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """A server delivers an empty text frame and an empty binary frame, both ways."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice")
        await player.frame("alice", "")
        await player.frame("alice", b"")

    judge_platform(player.history, echoed, claim="lifecycle/empty-frames-arrive", platform=server)


@claim("lifecycle/bad-frames-are-survived", level="must", source="django/channels#2219", endpoint="any")
@given(frames=st.lists(streams.frames(), min_size=1, max_size=6))
@example(frames=list(streams.WORST_FRAMES))
async def test_bad_frames_are_survived(subject: Subject, endpoint: Endpoint, frames: list[str | bytes]) -> None:
    """No frame, of whatever type, shape or size, makes a handler raise."""
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice", "lobby")
        for frame in frames:
            await player.frame("alice", frame)

    judge(player.history, crashed, unawaited)


@claim("lifecycle/no-state-is-shared", level="must", source=CHANNELS, endpoint="sender", evidence="delivered")
@given(stream=streams.conversations(workers=1))
async def test_connections_share_no_state(subject: Subject, endpoint: Endpoint, stream: Stream) -> None:
    """What one client says shows in no answer to another, however they interleave."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, crossed)


@claim("lifecycle/one-instance-per-connection", level="must", source=CHANNELS, endpoint="any")
@given(stream=streams.conversations(max_steps=6))
async def test_every_connection_has_a_consumer_of_its_own(subject: Subject, endpoint: Endpoint, stream: Stream) -> None:
    """Each connection is served by one consumer instance, and no instance serves two."""
    history = await subject.play(stream, endpoint, over="process", ready=False)

    judge(history, one_instance_per_connection)


@claim("lifecycle/one-instance-per-connection", level="must", source=CHANNELS, endpoint="any")
async def test_who_comes_back_gets_a_consumer_of_its_own(subject: Subject, endpoint: Endpoint) -> None:
    """A connection that comes after another is served by a new consumer, not by the one that served before."""
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice", "lobby", ready=False)
        await player.leave("alice")
        await player.join("alice", "lobby", ready=False)

    judge(player.history, one_instance_per_connection)


@claim(
    "lifecycle/handler-exception-ends-only-that-connection",
    level="must",
    source=f"{CHANNELS}; django/daphne#215",
    endpoint="talking",
    needs=("redis",),
    evidence="delivered",
)
async def test_an_exception_in_a_handler_ends_only_that_connection(
    subject: Subject, endpoint: Endpoint, server: ServerKind
) -> None:
    """An exception in one connection's handler ends that connection, and costs the others nothing."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby")
        await player.join("bob", "lobby")
        if not await player.raise_in_handler("alice"):
            raise NotApplicable("the consumer has no channel that reaches it from here, and so cannot be made to raise")
        await player.ended("alice")
        await player.say("bob", "still here")

    judge(player.history, partial(stayed, clients=["bob"]), lost)


@claim(
    "lifecycle/idle-connection-lives",
    level="must",
    source="django/channels_redis#422",
    endpoint="talking",
    evidence="delivered",
    last=True,
)
async def test_an_idle_connection_lives(subject: Subject, endpoint: Endpoint, subject_idle: Silent) -> None:
    """A connection on which nobody says anything for eleven seconds is still open, and still answers."""
    history = await subject_idle(endpoint)

    judge(history, crashed, lost)
