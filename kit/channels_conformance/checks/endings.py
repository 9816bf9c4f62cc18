"""How a connection ends: silent outside its time, ended once, and nothing left behind.

The order of ASGI events themselves (a second ``websocket.disconnect``, a send after the application's own close) is
judged by :func:`channels_conformance.checks.grammar.grammatical` and is not repeated here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.checks.finding import Anomaly, Blame, Finding, cut, who
from channels_conformance.checks.ledger import markers
from channels_conformance.history import GONE, Event, History, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

NO_CODE = 1005  # RFC 6455 §7.1.5: a close frame came, without a code
NO_CLOSE_FRAME = 1006  # RFC 6455 §7.1.5: the connection ended without a close frame
NO_ROUTE = "ValueError: No route found for path"  # what Channels' URLRouter raises
INTERNAL_ERROR = 1011  # RFC 6455 §7.4.1

_ENDS = frozenset({Kind.LEAVING, Kind.ABORTED, Kind.CLOSED, Kind.REFUSED})


def crashed(history: History, *, killed: Collection[str] = (), unrouted: bool = False) -> list[Finding]:
    """Find exceptions that left the application, and abnormal ends that no client asked for.

    An abnormal end is close code 1011 or 1006, or a handshake answered with HTTP 5xx. Connections served by a worker
    in ``killed`` may end so; with ``unrouted``, so may those whose path no route matches (django/channels#2195). A
    server's exception from a send to a client that has gone is no crash of an application which was not told before
    (ASGI WebSocket spec: Send).
    """
    findings = []
    for connection, events in history.by_connection():
        crashes = crashes_of(events)
        if unrouted and any(NO_ROUTE in crash.detail for crash in crashes):
            continue
        told = next((event.at for event in events if event.kind is Kind.DISCONNECT_RAN), float("inf"))
        for crash in crashes:
            if crash.marker == GONE and crash.at <= told:
                continue
            last = crash.detail.strip().rpartition("\n")[2] or "an exception"
            sentence = f"the application of {who(history, connection)} crashed: {last}"
            findings.append(Finding.of(Anomaly.CRASHED, sentence, crash))
        if not crashes and _worker(history, connection, events) not in killed:
            asked = {event.kind for event in events} & {Kind.ABORTED, Kind.LEAVING}
            for event in events:
                if event.kind is Kind.REFUSED and event.code is not None and event.code >= 500:
                    sentence = f"the handshake of {who(history, connection)} was answered with HTTP {event.code}"
                    findings.append(Finding.of(Anomaly.CRASHED, sentence, event))
                elif event.kind is Kind.CLOSED and _abnormal(event.code, asked):
                    sentence = f"{who(history, connection)} was cut off with close code {event.code}"
                    findings.append(Finding.of(Anomaly.CRASHED, sentence, event))
    return findings


def crashes_of(events: list[Event]) -> list[Event]:
    """Return the exceptions that left the application, or that a handler raised where it could not end for them.

    Channels awaits the layer's receive() before it lets an exception out, and redis-py 8 can lose the cancellation of
    that (python/cpython#86296). What the consumer raised is the crash, then, however late it leaves, and whatever
    receive() raises at last; a consumer that was done has not crashed.
    """
    crashes = [event for event in events if event.kind is Kind.CRASHED]
    stopped = next((event for event in events if event.kind is Kind.STOPPED), None)
    if stopped is None or any(event.kind is Kind.RETURNED or event.marker == GONE for event in events):
        return crashes
    if not stopped.detail:
        return [crash for crash in crashes if crash.at < stopped.at]
    gone = any(event.kind in {Kind.LEAVING, Kind.ABORTED} and event.at <= stopped.at for event in events)
    return crashes if gone else [stopped]


def _abnormal(code: int | None, asked: set[Kind]) -> bool:
    if Kind.ABORTED in asked:
        return False
    return code == INTERNAL_ERROR or (code == NO_CLOSE_FRAME and not asked)


def leaked(history: History, *, barred: Collection[str] = ()) -> list[Finding]:
    """Find group members left behind, and messages that reached a connection which should have been shut out.

    ``barred`` names the connections that nothing may reach though an app accepted them, to close them with a code.
    """
    findings = []
    for event in history.of(Kind.MEMBER_LEFT_BEHIND):
        sentence = f"the group {cut(event.detail)} still holds a channel after the play"
        findings.append(Finding.of(Anomaly.LEAKED, sentence, event))
    accepted = {event.connection for event in history.of(Kind.ACCEPTED)}
    for event in history.of(Kind.RECEIVED):
        if (event.connection not in accepted or event.connection in barred) and markers(event):
            sentence = (
                f"{who(history, event.connection)} was to be shut out and received {cut(next(iter(markers(event))))}"
            )
            findings.append(Finding.of(Anomaly.LEAKED, sentence, event))
    return findings


def disconnect_once_and_last(
    history: History, *, killed: Collection[str] = (), stopped: Collection[str] = ()
) -> list[Finding]:
    """Find ended connections whose application was not told, did not run ``disconnect()`` once, or never returned.

    A consumer that crashed is past telling, and so is one whose worker is in ``killed``: neither is judged. One that
    its server cancelled did not crash: it should have been told. A worker in ``stopped`` was asked to end, and must let
    the applications that it tells return before it does.
    """
    findings = []
    for connection, events in history.by_connection():
        kinds = [event.kind for event in events]
        ended = next((event for event in events if event.kind in _ENDS), None)
        crashed = any(not _cancelled(event) for event in crashes_of(events))
        if crashed or _worker(history, connection, events) in killed:
            continue
        runs = [event for event in events if event.kind is Kind.DISCONNECT_RAN]
        told = any(event.kind is Kind.DELIVERED and event.detail == "websocket.disconnect" for event in events)
        if len(runs) > 1:
            sentence = f"disconnect() ran {len(runs)} times for {who(history, connection)}"
            findings.append(Finding.of(Anomaly.DUPLICATED, sentence, *runs))
        if ended is None:
            continue
        # Whoever is stopped must wait for what it has told; an application that never got to return was cut short.
        cut_short = _worker(history, connection, events) in stopped and Kind.RETURNED not in kinds
        blame: Blame = "server" if cut_short else "app"
        # An application that returned no longer listens, so the server cannot tell it anything.
        if Kind.DELIVERED in kinds and Kind.RETURNED not in kinds and not told:
            sentence = f"the application of {who(history, connection)} was never told of the disconnect"
            findings.append(Finding.of(Anomaly.LOST, sentence, ended, blame="server"))
        elif Kind.INSTANCE in kinds and not runs:
            sentence = f"disconnect() never ran for {who(history, connection)}"
            findings.append(Finding.of(Anomaly.LOST, sentence, ended, blame=blame))
        elif told and not {Kind.RETURNED, Kind.STOPPED} & {*kinds}:
            sentence = f"the application of {who(history, connection)} was told of the disconnect and never returned"
            findings.append(Finding.of(Anomaly.LEAKED, sentence, ended, blame=blame))
    return findings


def _cancelled(crash: Event) -> bool:
    return "CancelledError" in crash.detail.strip().rpartition("\n")[2]


def disconnect_code(
    history: History, *, deviations: Mapping[str, Collection[tuple[int | None, int | None]]] | None = None
) -> list[Finding]:
    """Find applications that were told another close code than the client sent.

    The rule: no code sent is 1005, no close frame is 1006 (ASGI WebSocket spec: Disconnect; RFC 6455 §7.1.5).
    ``deviations`` maps a kind of server, with which a worker's name starts, to the pairs (due, told) it is known for:
    ``{"daphne": {(1005, None)}}``.
    """
    findings = []
    for connection, events in history.by_connection():
        first = next((event for event in events if _begins_end(event)), None)
        told = [
            event
            for event in events
            if event.kind is Kind.DISCONNECT_RAN
            or (event.kind is Kind.DELIVERED and event.detail == "websocket.disconnect")
        ]
        if first is None or first.kind not in {Kind.LEAVING, Kind.ABORTED} or not told:
            continue
        due = NO_CLOSE_FRAME if first.kind is Kind.ABORTED else (NO_CODE if first.code is None else first.code)
        kind = _worker(history, connection, events).partition("-")[0]
        tolerated = {(due, due), *(deviations or {}).get(kind, ())}
        for event in told:
            if (due, event.code) not in tolerated:
                by_server = event.kind is Kind.DELIVERED
                hearer = "the application" if by_server else "disconnect()"
                sentence = f"{hearer} of {who(history, connection)} was told close code {event.code}, not {due}"
                blame: Blame = "server" if by_server else "app"
                findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, first, event, blame=blame))
                break
    return findings


def stayed(history: History, *, clients: Collection[str]) -> list[Finding]:
    """Find connections of these clients that ended though the client had not asked for it."""
    findings = []
    for connection, events in history.by_connection():
        end = next((event for event in events if event.kind in _ENDS), None)
        if connection.partition("#")[0] in clients and end is not None and end.kind in (Kind.CLOSED, Kind.REFUSED):
            sentence = f"{who(history, connection)} was to stay, and its connection ended with code {end.code}"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, end))
    return findings


def closed_with(history: History, *, codes: Mapping[str, int]) -> list[Finding]:
    """Find clients, named in ``codes``, whose connection did not end with that close code (RFC 6455 §7.1.5)."""
    findings = []
    for connection, events in history.by_connection():
        due = codes.get(connection.partition("#")[0])
        closed = next((event for event in events if event.kind is Kind.CLOSED), None)
        if due is None or (closed is not None and closed.code == due):
            continue
        answers = (event for event in events if event.kind is Kind.ANSWERED)
        sent = next((answer for answer in answers if answer.detail == "websocket.close"), None)
        blame: Blame = "server" if sent is not None and sent.code == due else "app"
        came = "nothing" if closed is None else f"code {closed.code}"
        sentence = f"{who(history, connection)} was to be closed with code {due} and saw {came}"
        findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, closed or events[-1], blame=blame))
    return findings


def _begins_end(event: Event) -> bool:
    closes = event.kind is Kind.ANSWERED and event.detail == "websocket.close"
    return closes or event.kind in _ENDS or event.kind is Kind.CRASHED


def one_instance_per_connection(history: History) -> list[Finding]:
    """Find consumers shared by connections, and connections with more consumers than one (Channels docs: Consumers)."""
    findings = []
    owner: dict[str, Event] = {}
    judged = history.first(Kind.INSTANCE) is not None
    for connection, events in history.by_connection():
        made = [event for event in events if event.kind is Kind.INSTANCE]
        for event in made:
            other = owner.setdefault(event.marker, event)
            if other.connection != connection:
                sentence = f"{who(history, connection)} was served by the consumer of {who(history, other.connection)}"
                findings.append(Finding.of(Anomaly.CROSSED, sentence, other, event))
        if len({event.marker for event in made}) > 1:
            sentence = f"{len(made)} consumers were made for {who(history, connection)}"
            findings.append(Finding.of(Anomaly.DUPLICATED, sentence, *made))
        served = {event.kind: event for event in events}
        if judged and not made and Kind.ACCEPTED in served and Kind.DELIVERED in served:
            sentence = f"no consumer was made for {who(history, connection)}, so it shares another's"
            findings.append(Finding.of(Anomaly.CROSSED, sentence, served[Kind.DELIVERED]))
    return findings


def silent_before_accept_and_after_close(history: History) -> list[Finding]:
    """Find what was sent outside a connection's time: before its accept, after its end, or once disconnect() ran."""
    findings = []
    for connection, events in history.by_connection():
        if not any(event.kind is Kind.ACCEPTED for event in events):
            continue  # what reaches a connection that was never accepted has leaked
        accepted, closed, told = False, False, False
        for event in events:
            accepted = accepted or event.kind is Kind.ACCEPTED
            closed = closed or event.kind is Kind.CLOSED
            told = told or event.kind is Kind.DISCONNECT_RAN
            if event.kind is Kind.RECEIVED and (closed or not accepted):
                moment = "after its end" if closed else "before it was accepted"
                sentence = f"{who(history, connection)} received a frame {moment}"
                findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, event, blame="server"))
            elif event.kind is Kind.ANSWERED and told:
                sentence = f"the application of {who(history, connection)} sent {event.detail} after disconnect() ran"
                findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, event))
    return findings


def _worker(history: History, connection: str, events: list[Event]) -> str:
    known = history.connections.get(connection)
    if known is not None and known.worker:
        return known.worker
    return next((event.worker for event in events if event.worker), "")
