"""What Channels makes of a consumer: how its events find their handlers, and when they run.

None of this is about an app. Each claim is shown on a consumer of a few lines, in ``lessons`` of the reference app.
"""

from __future__ import annotations

import asyncio
from functools import partial

from channels_conformance.checks import (
    admission,
    answered_handshake,
    crashed,
    disconnect_once_and_last,
    disconnected_by_an_event,
    ended_without_disconnect,
    heard_in_order,
    leaked,
    one_edit_stands,
    served_after_disconnect,
    waits_at_its_gate,
)
from channels_conformance.fixtures import Lesson
from channels_conformance.history import Kind
from channels_conformance.spec import claim, judge
from channels_conformance.subject.lessons import LESSON
from channels_conformance.subject.subject import Subject
from channels_conformance.subject.users import Intruder

CONSUMERS = "Channels docs: Consumers"
LAYERS = "Channels docs: Channel Layers"
AUTH = "Channels docs: Authentication"
JSON = '{"said": "~json~"}'
STANDS = "the text is: "
INTRUDERS: tuple[Intruder, ...] = ("logged out", "new password")


@claim("consumers/type-names-the-handler", level="must", source=LAYERS, needs=("reference",))
async def test_the_type_of_an_event_names_its_handler(lesson: Lesson) -> None:
    """An event is handled by the method that its type names, once each full stop is made an underscore."""
    async with lesson("HandlersConsumer") as player:
        await player.enter("alice")
        await player.event("alice", {"type": "lesson.told", "text": "with a full stop"})
        await player.event("alice", {"type": "lesson_told", "text": "with an underscore"})
        await player.event("alice", {"type": "lesson.told", "text": "~last~"})
        await player.heard("alice", "~last~")

    due = ["with a full stop", "with an underscore", "~last~"]
    judge(player.history, partial(heard_in_order, frames={"alice": due}), crashed)


@claim("consumers/event-without-a-handler-ends-its-receiver", level="must", source=LAYERS, needs=("reference",))
async def test_an_event_without_a_handler_ends_its_receiver(lesson: Lesson) -> None:
    """An event whose type names no method, or is missing, or begins with an underscore, ends who is given it."""
    errors = {
        "alice": "No handler for message type",
        "bob": "Incoming message has no 'type' attribute",
        "carol": "Malformed type in message",
    }
    async with lesson("HandlersConsumer") as player:
        await player.enter(*errors, "dave")
        await player.event("alice", {"type": "lesson.unheard.of"})
        await player.event("bob", {"text": "of no type"})
        await player.event("carol", {"type": "_lesson_told", "text": "private"})
        for client in errors:
            await player.ended(client)
        await player.event("dave", {"type": "lesson.told", "text": "~still-here~"})
        await player.heard("dave", "~still-here~")

    told = partial(heard_in_order, frames={"dave": ["~still-here~"]})
    judge(player.history, partial(ended_without_disconnect, errors=errors), told)


@claim("consumers/any-public-method-is-a-handler", level="must", source="notes §7", needs=("reference",))
async def test_any_public_method_is_a_handler(lesson: Lesson) -> None:
    """An event can run any method without an underscore in front, also what Channels itself runs at the end."""
    async with lesson("HandlersConsumer") as player:
        await player.enter("alice", "bob")
        await player.event("alice", {"type": "erase.everything", "text": "~an-event~"})
        await player.heard("alice", "~an-event~")
        await player.event("bob", {"type": "websocket.disconnect", "code": 1000})
        await player.ended("bob")

    told = partial(heard_in_order, frames={"alice": ["erased, as ~an-event~ asked"]})
    judge(player.history, told, partial(disconnected_by_an_event, clients=["bob"]))


@claim("consumers/exception-skips-disconnect", level="must", source="django/daphne#215", needs=("reference",))
async def test_an_exception_skips_disconnect(lesson: Lesson) -> None:
    """A handler that raises ends its consumer, and disconnect() does not run any more."""
    async with lesson("HandlersConsumer") as player:
        await player.enter("alice")
        await player.event("alice", {"type": "lesson.fails"})
        await player.ended("alice")

    judge(player.history, partial(ended_without_disconnect, errors={"alice": "KeyError"}))


@claim("consumers/class-groups-are-joined-before-connect", level="must", source=CONSUMERS, needs=("reference",))
async def test_groups_of_the_class_are_joined_before_connect(lesson: Lesson) -> None:
    """A consumer is in the groups of its class before connect() runs, also where that refuses, and leaves them."""
    async with lesson("GroupsConsumer") as accepting:
        await accepting.enter("alice")
        await accepting.worker_saw("alice", Kind.EVENT_HANDLED)
    async with lesson("RefusingGroupsConsumer") as refusing:
        await refusing.enter("bob")

    judge(accepting.history, partial(heard_in_order, frames={"alice": ["told in connect()"]}), leaked, crashed)
    judge(refusing.history, answered_handshake, partial(admission, barred=["bob#1"]), leaked, crashed)


@claim("consumers/exceptions-answer-the-handshake", level="must", source=CONSUMERS, needs=("reference",))
async def test_exceptions_answer_the_handshake(lesson: Lesson) -> None:
    """AcceptConnection raised in connect() accepts, and DenyConnection refuses; neither is a crash."""
    async with lesson("AcceptingConsumer") as accepting:
        await accepting.enter("alice")
    async with lesson("DenyingConsumer") as denying:
        await denying.enter("bob")

    judge(accepting.history, answered_handshake, admission, crashed)
    judge(denying.history, answered_handshake, partial(admission, barred=["bob#1"]), crashed)


@claim("consumers/raw-consumer-ends-itself", level="must", source=CONSUMERS, needs=("reference",))
async def test_a_raw_consumer_ends_itself(lesson: Lesson) -> None:
    """A consumer that raises no StopConsumer goes on being given events when its client has gone."""
    async with lesson("RawConsumer") as player:
        await player.enter("alice")
        leaving = asyncio.create_task(player.leave("alice"))
        await player.worker_saw("alice", Kind.DISCONNECT_RAN)
        await player.event("alice", {"type": "lesson.stop"})
        await leaving

    served = partial(served_after_disconnect, clients=["alice"], event_type="lesson.stop")
    judge(player.history, served, disconnect_once_and_last)


@claim("consumers/one-handler-runs-at-a-time", level="must", source="django/channels#1924", needs=("reference",))
async def test_one_handler_runs_at_a_time(lesson: Lesson) -> None:
    """While a handler of a connection waits, neither its next frame nor its next event is handled."""
    async with lesson("SerialConsumer") as player:
        await player.enter("alice", "bob")
        for client in ("alice", "bob"):
            await player.frame(client, "wait")
        gates = {client: await player.channel_told(client) for client in ("alice", "bob")}
        await player.frame("alice", "~a-frame~")
        await player.event("bob", {"type": "lesson.told", "text": "~an-event~"})
        for client, gate in gates.items():
            await player.open(client, gate)
        await player.heard("alice", "~a-frame~")
        await player.heard("bob", "~an-event~")

    due = {"alice": [gates["alice"], "waited", "~a-frame~"], "bob": [gates["bob"], "waited", "~an-event~"]}
    judge(player.history, partial(waits_at_its_gate, done="waited"), partial(heard_in_order, frames=due))


@claim(
    "consumers/json-consumer-takes-json-text-only", level="must", source="django/channels#2219", needs=("reference",)
)
async def test_a_json_consumer_takes_json_text_only(lesson: Lesson) -> None:
    """In Channels' JSON consumers a binary frame, an empty one, and one that is no JSON raise, unless it is caught."""
    errors = {
        "alice": "ValueError: No text section for incoming WebSocket frame",
        "bob": "ValueError: No text section for incoming WebSocket frame",
        "carol": "JSONDecodeError",
    }
    async with lesson("JsonConsumer") as player:
        await player.enter(*errors, "dave")
        await player.frame("alice", b"{}")
        await player.frame("bob", "")
        await player.frame("carol", "no JSON")
        for client in errors:
            await player.ended(client)
        await player.frame("dave", JSON)
        await player.heard("dave", "~json~")

    taken = partial(heard_in_order, frames={"dave": [JSON]})
    judge(player.history, partial(ended_without_disconnect, errors=errors), taken)


@claim(
    "consumers/channels-merges-no-edits", level="must", source="notes §2", needs=("reference",), evidence="delivered"
)
async def test_channels_merges_no_edits(lesson: Lesson) -> None:
    """Of two texts that are sent to a group at once every member is told, and the later replaces the other."""
    async with lesson("HeedlessDocumentConsumer") as player:
        await player.enter("alice", "bob")
        edits = [await player.say("alice", "A of alice"), await player.say("bob", "B of bob")]
        for client in ("alice", "bob"):
            for edit in edits:
                await player.heard(client, edit)
            await player.frame(client, "read")
            await player.worker_saw(client, Kind.ANSWERED, marker=STANDS)

    judge(player.history, partial(one_edit_stands, stands=STANDS))


@claim("consumers/login-saves-no-session", level="must", source=AUTH, needs=("reference",))
async def test_login_in_a_consumer_saves_no_session(subject: Subject, lesson: Lesson) -> None:
    """After login() in a consumer the stored session knows no user until save(); logout() empties it at once."""
    newcomer, guest = subject.users.guest(), subject.users.guest()
    for name in (newcomer, guest):
        await subject.users.user(name)
    told: dict[str, list[str]] = {}
    async with lesson("SignedInConsumer") as player:
        await player.enter("alice")
        for question, answer in (
            (f"login {newcomer}", newcomer),
            ("read", "nobody"),
            ("save", newcomer),
            ("read", newcomer),
        ):
            told.setdefault("alice", []).append(f"{await player.asked('alice', question)}: {answer}")
        for client in ("bob", "bob, second tab"):
            await player.join(client, user=guest, ready=False)
        for client, question, answer in (
            ("bob, second tab", "read", guest),
            ("bob", "logout", "nobody"),
            ("bob, second tab", "read", "nobody"),
        ):
            told.setdefault(client, []).append(f"{await player.asked(client, question)}: {answer}")

    judge(player.history, partial(heard_in_order, frames=told), crashed)


@claim(
    "consumers/user-stays-as-at-the-handshake",
    level="must",
    source=f"{AUTH}; django/channels#1324",
    needs=("reference",),
)
async def test_the_user_stays_as_at_the_handshake(subject: Subject, lesson: Lesson) -> None:
    """Neither a logout elsewhere nor a new password changes scope["user"]; get_user(scope) notices the latter only."""
    told: dict[str, list[str]] = {}
    async with lesson("SignedInConsumer") as player:
        for kind in INTRUDERS:
            guest = subject.users.guest()
            by_get_user = guest if kind == "logged out" else "nobody"
            await player.join(guest, ready=False)
            told[guest] = [f"{await player.asked(guest, 'who')}: {guest}"]
            await subject.users.spoil(LESSON, guest, kind)
            for question, answer in (("who", guest), ("ask", by_get_user), ("read", "nobody")):
                told[guest].append(f"{await player.asked(guest, question)}: {answer}")

    judge(player.history, partial(heard_in_order, frames=told), crashed)
