"""Transcripts: a history as lines that a person reads, with nothing in them that must not be shown.

Whatever an application or a client sent is foreign text. It is masked first, since a report is passed around, and then
escaped, since a terminal obeys control characters and bidirectional overrides show text in an order that it has not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from channels_conformance.history import Event, Kind, markers_in

if TYPE_CHECKING:
    from collections.abc import Collection

    from channels_conformance.history import History

MASK = "***"

# Order matters: a whole header first, then single values in it or anywhere else. A pattern that may begin with any
# number of word characters is tried at the beginning of a word only; at each letter, a long payload would take minutes.
_SECRETS = (
    re.compile(r"""(?i)((?:set-)?cookie|(?:proxy-)?authorization)(["']?\s*[:=]\s*["']?|["'],\s*b?["'])([^\r\n"']+)"""),
    re.compile(
        r"""(?ix)
        (?<![\w-])([\w-]*(?:password|passwd|secret|token|session[_-]?id|session[_-]?key|api[_-]?key|csrf\w{0,30}))
        (["']?\s*[:=]\s*)
        ("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"'&;,})\]]+)"""
    ),
    re.compile(r"\b([Bb]earer|Basic)(\s+)(?=[\w.~+/=-]*[\d=_])([\w.~+/=-]{8,})"),
    re.compile(r"\b(\w+://[^\s:/@]*)(:)([^\s/@]+)(?=@)"),
)

_LONGEST = 120  # characters of one payload; more tells a reader nothing
_LOOKED_AT = 20 * _LONGEST  # characters of a payload in which secrets are looked for

_SHORTEST_SECRET = 8  # characters; what is shorter cannot be told from a word

_INSIDE = frozenset(
    {
        *(Kind.DELIVERED, Kind.ANSWERED, Kind.RETURNED, Kind.INSTANCE, Kind.CHANNEL),
        *(Kind.STOPPED, Kind.HANDLING, Kind.QUERY, Kind.OLD_CLOSED, Kind.EVENT_HANDLED, Kind.TASKS_LEFT),
    }
)
"""What a worker reports of every connection. The client's side of it is told already, or it went as it should."""

_VERBS = {
    Kind.CONNECT: "begins the handshake",
    Kind.ACCEPTED: "is accepted",
    Kind.REFUSED: "is refused",
    Kind.UNANSWERED: "gets no answer to the handshake",
    Kind.INTRODUCED: "introduces itself",
    Kind.READY: "is ready",
    Kind.SAID: "says",
    Kind.DOOMED: "says in vain",
    Kind.SENT: "sends",
    Kind.FENCE: "sends the fence",
    Kind.RECEIVED: "receives",
    Kind.FLOODED: "gives up reading",
    Kind.NOISE: "receives noise",
    Kind.PING: "pings",
    Kind.PONG: "gets the pong",
    Kind.LEAVING: "begins to close",
    Kind.ABORTED: "drops the TCP connection",
    Kind.CLOSED: "sees the end",
    Kind.DELIVERED: "application is given",
    Kind.ANSWERED: "application sends",
    Kind.HELD: "application is held in its send()",
    Kind.LET_GO: "application is let go",
    Kind.RETURNED: "application returns",
    Kind.CRASHED: "application raises",
    Kind.INSTANCE: "consumer is made",
    Kind.CHANNEL: "is given the channel",
    Kind.EVENT_HANDLED: "consumer is given an event",
    Kind.PROBED: "a method runs that the client named",
    Kind.TASKS_LEFT: "consumer leaves tasks running",
    Kind.EVENT_CHANGED: "a handler changes its event",
    Kind.HANDLING: "a handler begins",
    Kind.STOPPED: "consumer stops",
    Kind.DISCONNECT_RAN: "disconnect() runs",
    Kind.ORM_ON_LOOP: "a query runs on the event loop",
    Kind.LOOP_BLOCKED: "the event loop stands still",
    Kind.QUERY: "a query runs",
    Kind.OLD_CLOSED: "old database connections are closed",
    Kind.UNAWAITED: "a coroutine is dropped",
    Kind.QUEUED: "a task is queued",
    Kind.PUSHED: "an HTTP call is made",
    Kind.TASK_STARTED: "a task begins",
    Kind.TASK_ENDED: "a task ends",
    Kind.RESULT: "a result is read",
    Kind.REPLIED: "a worker replies",
    Kind.LINKED: "holds a connection to the broker",
    Kind.MEMBER: "is a member of",
    Kind.MEMBER_LEFT_BEHIND: "is still a member of",
    Kind.CONNECTIONS_HELD: "database connections are held, of at most",
    Kind.TRANSACTION_LEFT_OPEN: "a transaction is left open",
    Kind.LOOKED: "the rows of what was heard are counted",
    Kind.CALLED: "a function is called in a thread",
    Kind.THREADS: "threads are counted, beside connections",
    Kind.KEPT: "things are kept by the layer, after visitors",
    Kind.SPOKE: "agrees by ALPN on",
    Kind.PROMISED: "pushes",
    Kind.TOOK: "the layer takes",
    Kind.DECLINED: "the layer refuses",
    Kind.HANDED: "is handed, sent as",
    Kind.REQUESTED: "an HTTP request is sent",
    Kind.RESPONDED: "it is answered",
    Kind.NO_RESPONSE: "no answer comes",
    Kind.TOLD: "is told to be",
    Kind.STORED: "a row is found",
    Kind.STARTED: "answers",
    Kind.NOT_STARTED: "ends before it answers",
    Kind.LOGGED: "has logged",
    Kind.CONFIGURED: "is configured",
    Kind.SHOWN: "shows",
    Kind.KNOCKED: "opened a socket to",
    Kind.WAITED: "asked to be woken after, in milliseconds",
    Kind.SCRIPT_FAILED: "lets an exception out of its script",
}


_concealed: set[str] = set()


def conceal(secret: str) -> None:
    """Have :func:`mask` replace a secret wherever it stands, whatever stands around it."""
    if len(secret) >= _SHORTEST_SECRET:
        _concealed.add(secret)


def mask(text: str) -> str:
    """Return the text with the values of cookies, tokens, passwords and credentials in URLs replaced."""
    for known in sorted(_concealed, key=len, reverse=True):
        text = text.replace(known, MASK)
    for secret in _SECRETS:
        text = secret.sub(lambda found: f"{found[1]}{found[2]}{MASK}", text)
    return text


def escape(text: str) -> str:
    """Return the text on one line, each character that does not print written as a Python escape."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def shown(text: str) -> str:
    """Return foreign text of one line as it may be shown: masked, escaped."""
    return escape(mask(text))


def lines(history: History, *, limit: int = 60, evidence: Collection[Event] = ()) -> list[str]:
    """Return a line an event: when, who, on which worker, what.

    Of what workers report, only what went wrong or ended a connection is told; the ``evidence`` always is. A history of
    more than ``limit`` such events is folded: its beginning, its end, the evidence and the first crash are shown, and
    each gap says how many events it leaves out. Raise ``ValueError`` for a limit below 2.
    """
    chosen = folded(history, limit=limit, evidence=evidence)
    events = [one for one in chosen if isinstance(one, Event)]
    width = max((len(_who(event, history)) for event in events), default=0)
    fences = {event.marker for event in history.of(Kind.FENCE)}
    return [
        f"{one.at - events[0].at:8.3f} s  {_who(one, history):<{width}}  {_what(one, fences)}"
        if isinstance(one, Event)
        else f"… {one} more event{'s' if one > 1 else ''} …"
        for one in chosen
    ]


def rows(history: History, *, limit: int = 500, evidence: Collection[Event] = ()) -> list[dict[str, Any]]:
    """Return the same as plain data, for a picture: each event with who, where and what, each gap with how many.

    Whatever an application sent is masked, escaped and cut.
    """
    chosen = folded(history, limit=limit, evidence=evidence)
    start = next((one.at for one in chosen if isinstance(one, Event)), 0.0)
    fences = {event.marker for event in history.of(Kind.FENCE)}
    witnesses = {id(event) for event in evidence}
    told: list[dict[str, Any]] = []
    for one in chosen:
        if isinstance(one, int):
            told.append({"gap": one})
            continue
        connection = history.connections.get(one.connection)
        told.append(
            {
                "at": round(one.at - start, 6),
                "kind": str(one.kind),
                "connection": escape(one.connection),
                "client": escape(connection.client if connection else ""),
                "worker": one.worker or (connection.worker if connection else ""),
                "fence": one.kind is Kind.FENCE or _is_fence(one, fences),
                "what": _what(one, fences),
                "evidence": id(one) in witnesses,
            }
        )
    return told


def folded(history: History, *, limit: int, evidence: Collection[Event] = ()) -> list[Event | int]:
    """Return the events that are told, in order, and for each gap how many it leaves out; see :func:`lines`."""
    if limit < 2:
        raise ValueError(f"limit is {limit}, but must be at least 2, for the first and the last event.")
    witnesses = {id(event) for event in (*evidence, history.first(Kind.CRASHED))}
    events = [event for event in history if event.kind not in _INSIDE or id(event) in witnesses]
    last_of_head, first_of_tail = (limit + 1) // 2, len(events) - limit // 2
    told: list[Event | int] = []
    for place, event in enumerate(events):
        if not last_of_head <= place < first_of_tail or id(event) in witnesses:
            told.append(event)
        elif told and isinstance(told[-1], int):
            told[-1] += 1
        else:
            told.append(1)
    return told


def _who(event: Event, history: History) -> str:
    connection = history.connections.get(event.connection)
    worker = event.worker or (connection.worker if connection else "")
    name = escape(event.connection)
    if name and worker:
        return f"{name} ({worker})"
    return name or worker or "-"


def _what(event: Event, fences: Collection[str]) -> str:
    if event.kind is Kind.FENCE or _is_fence(event, fences):
        # A fence says nothing but that it came; whatever the application wraps it in would hide the messages.
        verb = "receives the fence" if event.kind is Kind.RECEIVED else _VERBS[event.kind]
        return f"{verb} {_short(' '.join(dict.fromkeys(_markers(event))) or event.marker)}"
    parts = [_VERBS[event.kind]]
    if event.text is not None:
        parts.append(f"'{_short(event.text)}'")
    if event.data is not None:
        parts.append(f"{len(event.data)} bytes {_short(event.data[:_LOOKED_AT].hex())}".rstrip())
    if event.marker and event.marker not in (event.text or ""):
        parts.append(f"[{_short(event.marker)}]")
    if event.code is not None:
        parts.append(f"with {event.code}")
    elif event.kind in (Kind.LEAVING, Kind.CLOSED, Kind.DISCONNECT_RAN):
        parts.append("with no code")
    if event.detail:
        # Of a traceback the last line says what happened; the whole of it is told elsewhere.
        parts.append(_short(event.detail.strip().rpartition("\n")[2].strip()))
    return " ".join(parts)


def _is_fence(event: Event, fences: Collection[str]) -> bool:
    found = _markers(event)
    return bool(found) and all(marker in fences for marker in found)


def _markers(event: Event) -> list[str]:
    return markers_in((event.data if event.text is None else event.text) or "")


def _short(text: str) -> str:
    told = mask(text[:_LOOKED_AT])  # of seventeen megabytes, the rest is not shown
    if len(told) > _LONGEST or len(text) > _LOOKED_AT:
        return f"{escape(told[:_LONGEST])}… ({len(text)} characters)"
    return escape(told)
