"""What must hold between a consumer and its events: each has a handler, of the right kind, that no client chose.

Of an exception only its traceback is on record, so the sentences by which Channels and Python name a mistake are told
here, once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from channels_conformance.checks.finding import Anomaly, Finding, cut, who
from channels_conformance.history import Event, History, Kind

NO_HANDLER = (
    "ValueError: No handler for message type",
    "ValueError: Incoming message has no 'type' attribute",
    "ValueError: Malformed type in message",
)
"""What Channels raises in a consumer that is given an event which leads to none of its methods."""

_NOT_AWAITABLE = re.compile(r"TypeError: .*(can't be used in 'await' expression|can't be awaited)")
_PLACE = re.compile(r'File "([^"]+)", line \d+, in (\S+)')
_CALLED = re.compile(r"await (?:self\.)?(\w+)\(")
_BY_CHANNELS = re.compile(r"[\\/]channels[\\/](consumer|generic[\\/]\w+)\.py$")
_LIFE = frozenset(
    {"connect", "receive", "receive_json", "disconnect"}
    | {f"websocket_{event}" for event in ("connect", "receive", "disconnect")}
)


def events_handled(history: History) -> list[Finding]:
    """Find consumers that ended since an event of the channel layer led to none of their methods."""
    findings = []
    for event in history.of(Kind.STOPPED):
        last = _last_line(event)
        if last.startswith(NO_HANDLER):
            sentence = f"the consumer of {who(history, event.connection)} was ended by an event: {cut(last, 120)}"
            findings.append(Finding.of(Anomaly.CRASHED, sentence, event))
    return findings


def events_named_apart(history: History) -> list[Finding]:
    """Find events that led to a method of Channels' own, which takes them for something else."""
    findings = []
    for event in history.of(Kind.EVENT_HANDLED):
        if event.detail.startswith("channels."):
            sentence = (
                f"the event type {cut(event.marker)} led the consumer of {who(history, event.connection)} to "
                f"{event.detail}, which is no handler of the application's"
            )
            findings.append(Finding.of(Anomaly.CROSSED, sentence, event))
    return findings


def handlers_coloured(history: History) -> list[Finding]:
    """Find handlers that an asynchronous consumer could not await, and such that a synchronous one did not.

    What a handler does within itself is not judged here: only what Channels itself calls.
    """
    findings = []
    style = {event.connection: event.text for event in history.of(Kind.INSTANCE)}
    for event in history.of(Kind.STOPPED):
        places = list(_PLACE.finditer(event.detail))
        if places and _NOT_AWAITABLE.match(_last_line(event)) and _BY_CHANNELS.search(places[-1][1]):
            called = _CALLED.search(event.detail, places[-1].end())
            handler = f"{called[1]}()" if called else "a handler"
            handler = "a handler of its events" if handler == "handler()" else handler
            sentence = f"the consumer of {who(history, event.connection)} is asynchronous, and {handler} is not"
            findings.append(Finding.of(Anomaly.CRASHED, sentence, event))
    handlers = {event.detail.rpartition(".")[2] for event in history.of(Kind.EVENT_HANDLED)} | _LIFE
    for event in history.of(Kind.UNAWAITED):
        name = event.detail.removeprefix("coroutine ").partition(" ")[0]
        if style.get(event.connection) == "sync" and name.rpartition(".")[2] in handlers:
            sentence = (
                f"the consumer of {who(history, event.connection)} is synchronous, and {name}() is not: it never ran"
            )
            findings.append(Finding.of(Anomaly.LOST, sentence, event))
    return findings


def tasks_ended(history: History) -> list[Finding]:
    """Find tasks that outlived the consumer which had started them.

    The first connection may start what serves the whole process from then on; a task that each of the others leaves
    behind is none of those.
    """
    order = list(history.connections)
    later = sorted(history.of(Kind.TASKS_LEFT), key=lambda event: order.index(event.connection))[1:]
    if not all(event.code for event in later):
        return []
    return [
        Finding.of(
            Anomaly.LEAKED, f"the consumer of {who(history, event.connection)} left running: {cut(event.detail)}", event
        )
        for event in later
    ]


def handlers_unchosen(history: History) -> list[Finding]:
    """Find methods that ran since a client had named them: the probe, or ``disconnect()`` though nobody had gone."""
    findings = []
    for event in history.of(Kind.PROBED):
        sentence = f"a frame named a method, and the consumer of {who(history, event.connection)} ran it"
        findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, event))
    told: set[str] = set()
    for event in history.of(Kind.DELIVERED, Kind.DISCONNECT_RAN):
        if event.detail == "websocket.disconnect":
            told.add(event.connection)
        elif event.kind is Kind.DISCONNECT_RAN and event.connection not in told:
            sentence = (
                f"disconnect() ran for {who(history, event.connection)}, which had not gone: a frame had asked for it"
            )
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, event))
    return findings


def heard_in_order(history: History, *, frames: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Find clients, named in ``frames``, that received other text frames, fences left out, or in another order."""
    fences = {event.text for event in history.of(Kind.FENCE)}
    findings = []
    for client, due in frames.items():
        received = [
            event
            for event in history.of(Kind.RECEIVED)
            if event.connection.partition("#")[0] == client and event.text not in fences
        ]
        came = [event.text if event.text is not None else repr(event.data) for event in received]
        if came == list(due):
            continue
        lacking, more = Counter(due) - Counter(came), Counter(came) - Counter(due)
        anomaly = Anomaly.LOST if lacking else Anomaly.UNEXPECTED if more else Anomaly.REORDERED
        sentence = f"{client} was to receive {_listed(due)} and received {_listed(came)}"
        evidence = received or [event for event in history if event.connection.partition("#")[0] == client][-1:]
        findings.append(Finding.of(anomaly, sentence, *evidence))
    return findings


def waits_at_its_gate(history: History, *, done: str) -> list[Finding]:
    """Find consumers that say that they have waited, by the text ``done``, before they were let go.

    Whatever came after that proves nothing of what happens while a handler waits.
    """
    findings = []
    for opened in history.of(Kind.LET_GO):
        for event in history.of(Kind.ANSWERED, connection=opened.connection):
            if event.text == done and event.at < opened.at:
                sentence = f"the consumer of {who(history, opened.connection)} did not wait to be let go"
                findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, event, opened))
    return findings


def ended_without_disconnect(history: History, *, errors: Mapping[str, str]) -> list[Finding]:
    """Find clients, named in ``errors``, whose consumer did not end by that exception, or ran ``disconnect()`` after.

    This is what Channels does, and why cleaning up does not belong into ``disconnect()`` alone (django/daphne#215).
    """
    findings = []
    for client, error in errors.items():
        events = [event for event in history if event.connection.partition("#")[0] == client]
        stopped = next((event for event in events if event.kind is Kind.STOPPED), None)
        ran = next((event for event in events if event.kind is Kind.DISCONNECT_RAN), None)
        last = _last_line(stopped) if stopped else "nothing"
        if error not in last:
            sentence = f"the consumer of {client} was to end by {error}, and ended by {cut(last)}"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, *events[-1:]))
        elif ran is not None:
            findings.append(
                Finding.of(Anomaly.UNEXPECTED, f"disconnect() ran for {client}, whose consumer raised", ran)
            )
    return findings


def served_after_disconnect(history: History, *, clients: Sequence[str], event_type: str) -> list[Finding]:
    """Find clients whose consumer was not given an event of that type after its ``websocket.disconnect``."""
    findings = []
    for client in clients:
        events = [event for event in history if event.connection.partition("#")[0] == client]
        gone = next((event for event in events if event.kind is Kind.DISCONNECT_RAN), None)
        handled = next(
            (event for event in events if event.kind is Kind.EVENT_HANDLED and event.marker == event_type), None
        )
        if gone is None or handled is None or handled.at < gone.at:
            sentence = f"the consumer of {client} was to be given {event_type} after its websocket.disconnect"
            findings.append(Finding.of(Anomaly.LOST, sentence, *events[-1:]))
    return findings


def disconnected_by_an_event(history: History, *, clients: Sequence[str]) -> list[Finding]:
    """Find clients whose ``disconnect()`` did not run, or ran only once the server had said that they are gone."""
    findings = []
    for client in clients:
        events = [event for event in history if event.connection.partition("#")[0] == client]
        ran = next((event for event in events if event.kind is Kind.DISCONNECT_RAN), None)
        told = next((event for event in events if event.detail == "websocket.disconnect"), None)
        if ran is None or (told is not None and told.at < ran.at):
            sentence = f"disconnect() of {client} was to run by an event, while its client was there"
            findings.append(Finding.of(Anomaly.LOST, sentence, *events[-1:]))
    return findings


def _listed(frames: Sequence[str]) -> str:
    return ", ".join(cut(frame) for frame in frames) or "nothing"


def _last_line(event: Event) -> str:
    return event.detail.strip().rpartition("\n")[2]
