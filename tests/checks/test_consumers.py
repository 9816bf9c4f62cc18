"""Consumers, their events and their handlers."""

import pytest

from channels_conformance.checks import (
    Anomaly,
    events_handled,
    events_named_apart,
    handlers_coloured,
    handlers_unchosen,
    tasks_ended,
)
from channels_conformance.history import Kind
from tests.checks.written import Script

CHECKS = (events_handled, events_named_apart, handlers_coloured, handlers_unchosen, tasks_ended)

DISPATCH = '  File "/env/site-packages/channels/consumer.py", line 74, in dispatch\n    await handler(message)\n'
RECEIVES = (
    '  File "/env/site-packages/channels/generic/websocket.py", line 216, in websocket_receive\n'
    '    await self.receive(text_data=message["text"])\n'
)
OWN = '  File "/app/chat/consumers.py", line 7, in receive\n    await helper()\n'
NOT_AWAITABLE = "TypeError: object NoneType can't be used in 'await' expression\n"
NOT_AWAITABLE_314 = "TypeError: 'NoneType' object can't be awaited\n"


def test_a_talk_that_goes_well_is_no_finding(lobby: Script) -> None:
    """Events that reach the application's own handlers, and consumers that end with their client, are no finding."""
    lobby.add(Kind.EVENT_HANDLED, "alice", marker="chat.message", detail="chat.consumers.Chat.chat_message")
    lobby.say("alice", "one", heard_by="alice bob")
    for client in ("alice", "bob"):
        lobby.leave(client)
        lobby.add(Kind.STOPPED, client)
        lobby.add(Kind.TASKS_LEFT, client, code=0)

    assert [check(lobby.history) for check in CHECKS] == [[]] * len(CHECKS)


@pytest.mark.parametrize(
    "error",
    [
        "ValueError: No handler for message type user.typing",
        "ValueError: Incoming message has no 'type' attribute",
        "ValueError: Malformed type in message (leading underscore)",
    ],
)
def test_an_event_without_a_handler_is_a_crash(lobby: Script, error: str) -> None:
    """A consumer that Channels ended, since an event led nowhere, is named with the event."""
    lobby.add(Kind.STOPPED, "bob", detail=f"Traceback (most recent call last):\n{DISPATCH}{error}\n")

    (finding,) = events_handled(lobby.history)

    assert finding.anomaly is Anomaly.CRASHED
    assert finding.sentence.startswith("the consumer of bob (uvicorn-2) was ended by an event: ")
    assert finding.evidence


def test_another_exception_is_not_the_events_fault(lobby: Script) -> None:
    """A handler that raises was found: what it raises is judged elsewhere."""
    lobby.add(Kind.STOPPED, "bob", detail=f"Traceback (most recent call last):\n{OWN}ValueError: No such room\n")

    assert events_handled(lobby.history) == []


def test_an_event_that_leads_to_channels_own_method_has_crossed(lobby: Script) -> None:
    """An event named after a method of Channels is named, with the method."""
    own = "channels.generic.websocket.AsyncWebsocketConsumer.close"
    lobby.add(Kind.EVENT_HANDLED, "bob", marker="close", detail=own)

    (finding,) = events_named_apart(lobby.history)

    assert finding.anomaly is Anomaly.CROSSED
    assert finding.sentence == (
        f"the event type 'close' led the consumer of bob (uvicorn-2) to {own}, which is no handler of the application's"
    )


def test_a_handler_in_a_package_of_a_similar_name_is_the_applications(lobby: Script) -> None:
    """What comes with a library that builds on Channels is no method of Channels."""
    lobby.add(Kind.EVENT_HANDLED, "bob", marker="close", detail="channels_extra.consumers.Base.close")

    assert events_named_apart(lobby.history) == []


@pytest.mark.parametrize("error", [NOT_AWAITABLE, NOT_AWAITABLE_314])
@pytest.mark.parametrize(
    ("place", "named"),
    [
        (DISPATCH, "a handler of its events"),
        (RECEIVES, "receive()"),
        (RECEIVES.partition("\n")[0] + "\n", "a handler"),  # where the source cannot be read
    ],
)
def test_a_plain_method_that_is_awaited_is_of_the_wrong_kind(lobby: Script, place: str, named: str, error: str) -> None:
    """Where Channels itself awaited what a handler returned, and could not, the handler is named."""
    lobby.add(Kind.STOPPED, "bob", detail=f"Traceback (most recent call last):\n{OWN}{place}    ^^^^^\n{error}")

    (finding,) = handlers_coloured(lobby.history)

    assert finding.sentence == f"the consumer of bob (uvicorn-2) is asynchronous, and {named} is not"
    assert finding.anomaly is Anomaly.CRASHED


def test_what_a_handler_awaits_itself_is_its_own_affair(lobby: Script) -> None:
    """A handler that awaits None is of the right kind, and has another fault."""
    lobby.add(Kind.STOPPED, "bob", detail=f"Traceback (most recent call last):\n{DISPATCH}{OWN}{NOT_AWAITABLE}")

    assert handlers_coloured(lobby.history) == []


def test_a_coroutine_that_a_synchronous_consumer_dropped_is_of_the_wrong_kind(play: Script) -> None:
    """A handler that never ran, since nobody awaits what a synchronous consumer's handlers return, is named."""
    play.connect("alice")
    play.add(Kind.INSTANCE, "alice", marker="1", detail="Chat", text="sync")
    play.add(Kind.EVENT_HANDLED, "alice", marker="chat.said", detail="chat.consumers.Chat.chat_said")
    play.add(Kind.UNAWAITED, "alice", detail="coroutine Chat.chat_said was never awaited")
    play.add(Kind.UNAWAITED, "alice", detail="coroutine Base.connect was never awaited")
    play.add(Kind.UNAWAITED, "alice", detail="coroutine helper was never awaited")

    findings = handlers_coloured(play.history)

    assert [finding.anomaly for finding in findings] == [Anomaly.LOST, Anomaly.LOST]
    assert "Chat.chat_said() is not: it never ran" in findings[0].sentence


@pytest.mark.parametrize(
    "method",
    [
        *("connect", "receive", "receive_json", "disconnect"),
        *("websocket_connect", "websocket_receive", "websocket_disconnect"),
    ],
)
def test_what_a_clients_coming_words_and_leaving_lead_to_is_a_handler(play: Script, method: str) -> None:
    """These methods are known by their names, as no event of the channel layer leads to them."""
    play.connect("alice")
    play.add(Kind.INSTANCE, "alice", marker="1", detail="Chat", text="sync")
    dropped = play.add(Kind.UNAWAITED, "alice", detail=f"coroutine Chat.{method} was never awaited")

    (finding,) = handlers_coloured(play.history)

    assert finding.evidence == (dropped,)


def test_a_coroutine_that_an_asynchronous_consumer_dropped_is_judged_elsewhere(play: Script) -> None:
    """A forgotten await in an asynchronous consumer says nothing of its handlers' kind."""
    play.connect("alice")
    play.add(Kind.INSTANCE, "alice", marker="1", detail="Chat", text="async")
    play.add(Kind.UNAWAITED, "alice", detail="coroutine Chat.receive was never awaited")

    assert handlers_coloured(play.history) == []


@pytest.mark.parametrize(
    ("left", "found"),
    [
        ({"alice": 0, "bob": 0, "carol": 0}, 0),
        ({"alice": 1, "bob": 0, "carol": 0}, 0),  # what serves the process from then on
        ({"alice": 0, "bob": 1, "carol": 0}, 0),  # likewise, as soon as somebody came twice
        ({"alice": 1, "bob": 1, "carol": 2}, 2),
        ({"alice": 1}, 0),
    ],
)
def test_a_task_that_each_connection_leaves_has_leaked(play: Script, left: dict[str, int], found: int) -> None:
    """What every connection but the first leaves running is the connection's, and not the process's."""
    for client in left:
        play.join(client)
    for client, tasks in reversed(left.items()):
        play.add(Kind.TASKS_LEFT, client, code=tasks, detail=", ".join(["Chat.tick"] * tasks))

    findings = tasks_ended(play.history)

    assert [finding.anomaly for finding in findings] == [Anomaly.LEAKED] * found


def test_the_probe_runs_only_where_a_client_names_it(lobby: Script) -> None:
    """A method that no application knows ran, so a client's word was taken for a name."""
    lobby.add(Kind.PROBED, "alice", detail="conformance_probe")

    (finding,) = handlers_unchosen(lobby.history)

    assert finding.anomaly is Anomaly.UNEXPECTED
    assert finding.sentence == "a frame named a method, and the consumer of alice (daphne-1) ran it"


def test_disconnect_of_a_client_that_is_there_was_chosen(lobby: Script) -> None:
    """disconnect() that runs before the server has said so was asked for by a frame; the rightful one was not."""
    lobby.leave("bob")
    assert handlers_unchosen(lobby.history) == []
    lobby.add(Kind.DISCONNECT_RAN, "alice", code=1000)

    (finding,) = handlers_unchosen(lobby.history)

    assert finding.connection == "alice#1"
