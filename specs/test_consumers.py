"""What a consumer is to its events and its clients: each event has a handler, and no client chooses it.

The endpoints are talked over all at once for what concerns events, so that whatever is sent to a group meets a consumer
of each class that is in it. What a consumer does by itself is judged in process.
"""

from __future__ import annotations

from functools import partial
from uuid import uuid4

from channels_conformance.checks import (
    answered_handshake,
    crashed,
    events_handled,
    events_named_apart,
    handlers_coloured,
    handlers_unchosen,
    no_python_shown,
    one_edit_taken,
    tasks_ended,
)
from channels_conformance.spec import claim, judge
from channels_conformance.subject.handlers import PROBE
from channels_conformance.subject.meeting import Meeting
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic import twisted

CONSUMERS = "Channels docs: Consumers"
LAYERS = "Channels docs: Channel Layers"


@claim("consumers/every-event-has-a-handler", level="must", source=f"{LAYERS}; django/channels#1272", endpoint="any")
async def test_every_event_has_a_handler(endpoint: Endpoint, meeting: Meeting) -> None:
    """Whatever type of event is sent to a group, each consumer in the group has a handler for it."""
    history = await meeting(endpoint)

    judge(history, events_handled)


@claim("consumers/events-keep-off-channels-own-methods", level="should", source=LAYERS, endpoint="any")
async def test_events_keep_off_channels_own_methods(endpoint: Endpoint, meeting: Meeting) -> None:
    """No type of event is the name of a method that the consumer has from Channels."""
    history = await meeting(endpoint)

    judge(history, events_named_apart)


@claim("consumers/handlers-are-of-their-consumers-kind", level="must", source=CONSUMERS, endpoint="any")
async def test_handlers_are_of_their_consumers_kind(endpoint: Endpoint, meeting: Meeting) -> None:
    """What Channels calls of an asynchronous consumer can be awaited, and of a synchronous one runs when called."""
    history = await meeting(endpoint)

    judge(history, handlers_coloured)


@claim("consumers/no-task-outlives-its-connection", level="must", source="django/channels#1880", endpoint="any")
async def test_no_task_outlives_its_connection(subject: Subject, endpoint: Endpoint) -> None:
    """A task that a consumer starts while its client is there has ended soon after the client has gone."""
    clients = ("alice", "bob", "carol")
    async with subject.player(endpoint, over="process") as player:
        await player.join("the first", "lobby", user="alice")
        await player.leave("the first")
        for client in clients:
            await player.join(client, "lobby")
        for client in clients:
            await player.leave(client)
        for client in ("the first", *clients):
            await player.tasks_told(client)

    judge(player.history, tasks_ended)


@claim("consumers/client-chooses-no-handler", level="must", source=f"{LAYERS}; notes §7", endpoint="any")
async def test_a_client_chooses_no_handler(subject: Subject, endpoint: Endpoint) -> None:
    """A frame that names a method of the consumer, wherever a frame may say what is to be done, does not run it."""
    example = await subject.frame(endpoint, twisted.MARK)
    async with subject.player(endpoint, over="process") as player:
        for frame in twisted.naming(example, PROBE, PROBE.replace("_", "."), "websocket.disconnect"):
            if not player.is_in("alice"):
                await player.join("alice", "lobby")
            await player.frame("alice", frame)
        await player.ready("alice")

    judge(player.history, handlers_unchosen)


@claim("consumers/answers-show-no-python", level="should", source="notes §5", endpoint="talking")
async def test_answers_show_no_python(subject: Subject, endpoint: Endpoint) -> None:
    """No answer to a value of any JSON type says None, quotes as Python does, or shows a traceback."""
    frames = twisted.of_other_types(await subject.frame(endpoint, twisted.MARK))
    async with subject.player(endpoint, over="process") as player:
        for frame in frames:
            if not player.is_in("alice"):
                await player.join("alice", "lobby")
            await player.frame("alice", frame.encode() if endpoint.binary else frame)
            await player.ready("alice")

    judge(player.history, partial(no_python_shown, words=frames))


@claim("consumers/missing-slash-is-no-crash", level="should", source="notes §5; django/channels#2195", endpoint="any")
async def test_a_missing_slash_is_no_crash(subject: Subject, endpoint: Endpoint) -> None:
    """The path of an endpoint leads to it, and the same path with its last slash left out is refused or served."""
    path = subject.path(endpoint, "lobby")
    other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice", "lobby", ready=False)
        await player.join("bob", "lobby", path=other, ready=False)

    judge(player.history, answered_handshake, crashed)


@claim(
    "consumers/edit-of-an-old-revision-is-refused",
    level="must",
    source="notes §2",
    needs=("reference",),
    evidence="delivered",
)
async def test_an_edit_of_an_old_revision_is_refused(subject: Subject) -> None:
    """Of edits that are made at the same moment from the same revision one is taken, and the other authors are told."""
    edit = '{"id": "{text}", "revision": 0, "text": "{text}"}'
    documents = Endpoint(name="documents", path="/ws/documents/{document}/", hears="nobody", say=edit)
    authors = ("alice", "bob", "carol", "dave")
    async with subject.player(documents) as player:
        document = str(uuid4())
        for worker, author in enumerate(authors):
            await player.join(author, document, worker=worker)
        edits = {author: await player.say(author, "mine") for author in authors}
        for author, marker in edits.items():
            await player.heard(author, marker)
        # Whoever hears of an edit that is made only now has heard of all that came before it.
        await player.frame("alice", '{"id": "~next~", "revision": 1, "text": "~next~"}')
        for author in authors:
            await player.heard(author, "~next~")

    judge(player.history, one_edit_taken, crashed)
