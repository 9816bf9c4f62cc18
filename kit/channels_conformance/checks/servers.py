"""What a server by itself owes an application and its client, in histories of an application that plays scripts.

Whose doing a finding is, is not said here: the application is the kit's own, so that whoever judges blames the server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from channels_conformance.checks.finding import Anomaly, Finding, cut, who
from channels_conformance.history import Event, History, Kind

Pair = tuple[str, str]


def _is_address(value: Any) -> bool:
    return value is None or (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and type(value[1]) in (int, type(None))
    )


def _is_bytes(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"bytes"}


_DUE: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "type": (lambda value: value == "websocket", '"websocket"'),
    "asgi": (lambda value: isinstance(value, dict) and isinstance(value.get("version"), str), "a dict with a version"),
    "path": (lambda value: isinstance(value, str), "a string"),
    "query_string": (_is_bytes, "bytes"),
    "headers": (
        lambda value: isinstance(value, list) and all(len(pair) == 2 and all(map(_is_bytes, pair)) for pair in value),
        "pairs of bytes",
    ),
}
"""What a WebSocket's scope must hold (ASGI WebSocket spec: Connection Scope)."""

_OPTIONAL: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "scheme": (lambda value: value in ("ws", "wss"), '"ws" or "wss"'),
    "http_version": (lambda value: value in ("1.0", "1.1", "2", "3"), "a version of HTTP"),
    "raw_path": (lambda value: value is None or _is_bytes(value), "bytes"),
    "root_path": (lambda value: isinstance(value, str), "a string"),
    "client": (_is_address, "a host and a whole number"),
    "server": (_is_address, "a host and a whole number"),
    "subprotocols": (
        lambda value: isinstance(value, list) and all(isinstance(name, str) for name in value),
        "a list of strings",
    ),
}
"""What it may leave out, and must be so where it is there."""


def scope_told(history: History, *, path: str = "", query: str = "", subprotocols: Sequence[str] = ()) -> list[Finding]:
    """Find what a scope lacks, or holds of another type or value than it must (ASGI WebSocket spec: Scope).

    The scope is what the application sends first, as JSON. ``path``, ``query`` and ``subprotocols`` are what the client
    asked for.
    """
    findings = []
    for event, scope in _scopes(history):
        wrong = [
            f"has {key} = {cut(repr(scope.get(key)))}, not {due}"
            for rules, needed in ((_DUE, True), (_OPTIONAL, False))
            for key, (is_right, due) in rules.items()
            if (needed or key in scope) and not is_right(scope.get(key))
        ]
        said = {"path": path, "query_string": {"bytes": query}, "subprotocols": list(subprotocols)}
        wrong += [
            f"has {key} = {cut(repr(scope.get(key)))}, and the client asked for {cut(repr(asked))}"
            for key, asked in said.items()
            if asked not in ("", [], {"bytes": ""}) and scope.get(key) != asked
        ]
        name = who(history, event.connection)
        findings += [Finding.of(Anomaly.UNGRAMMATICAL, f"the scope of {name} {one}", event) for one in wrong]
    return findings


def headers_kept(history: History, *, sent: Sequence[Pair]) -> list[Finding]:
    """Find headers that were lost, merged or reordered on their way to the application (ASGI HTTP spec: headers).

    ``sent`` is what the client sent; of the scope, headers of those names alone are looked at.
    """
    findings = []
    due = [(name.lower(), value) for name, value in sent]
    names = {name for name, _ in due}
    for event, scope in _scopes(history):
        pairs = [(name["bytes"], value["bytes"]) for name, value in scope.get("headers", ())]
        told = [(name.lower(), value) for name, value in pairs if name.lower() in names]
        if told == due:
            continue
        anomaly = Anomaly.REORDERED if sorted(told) == sorted(due) else Anomaly.LOST
        sentence = f"{who(history, event.connection)} sent the headers {due}, and the application was told {told}"
        findings.append(Finding.of(anomaly, sentence, event))
    return findings


def ended_with(
    history: History, *, codes: Mapping[str, int], reasons: Mapping[str, str] | None = None
) -> list[Finding]:
    """Find clients, named in ``codes``, that saw another close code, or in ``reasons`` another reason, than is due."""
    findings = []
    for connection, due in _of_clients(history, codes):
        closed = history.first(Kind.CLOSED, connection=connection)
        reason = (reasons or {}).get(connection.partition("#")[0])
        name = who(history, connection)
        if closed is None or closed.code != due:
            saw = "no end" if closed is None else f"code {closed.code}"
            findings.append(Finding.of(Anomaly.UNEXPECTED, f"{name} was to see close code {due} and saw {saw}", closed))
        elif reason is not None and closed.detail != reason:
            sentence = f"{name} was to be told {reason!r} with close code {due} and was told {closed.detail!r}"
            findings.append(Finding.of(Anomaly.LOST, sentence, closed))
    return findings


def refused_with(history: History, *, statuses: Mapping[str, int]) -> list[Finding]:
    """Find clients, named in ``statuses``, whose handshake was not answered with that HTTP status."""
    findings = []
    for connection, due in _of_clients(history, statuses):
        answer = history.first(Kind.ACCEPTED, Kind.REFUSED, Kind.UNANSWERED, connection=connection)
        if answer is None or answer.kind is not Kind.REFUSED or answer.code != due:
            saw = (
                answer.code
                if answer is not None and answer.kind is Kind.REFUSED
                else getattr(answer, "kind", "nothing")
            )
            sentence = f"the handshake of {who(history, connection)} was to be answered with HTTP {due}: it was {saw}"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, answer))
    return findings


def subprotocol_withheld(history: History) -> list[Finding]:
    """Find handshakes that were completed with 101 though the application chose what was not offered (RFC 6455 §4.2.2).

    A client must fail such a handshake (§4.1), so that it is refused with 101.
    """
    findings = []
    for event in history:
        if event.kind is Kind.ACCEPTED or (event.kind is Kind.REFUSED and event.code == 101):
            sentence = (
                f"{who(history, event.connection)} was let in with a subprotocol that it had not offered, or none"
            )
            findings.append(Finding.of(Anomaly.ADMITTED, sentence, event))
    return findings


def handshakes_given_up(history: History, *, within: float) -> list[Finding]:
    """Find handshakes that the server held open, unanswered, until the client gave up after its own deadline.

    A client that gave up says so; one whose connection the server ended says how that looked. ``within`` is for the
    sentence: the seconds that the server was told to wait.
    """
    findings = []
    for event in history.of(Kind.UNANSWERED):
        if event.detail.startswith("no answer within"):
            sentence = f"the handshake of {who(history, event.connection)} was held open after {within:g} s"
            findings.append(Finding.of(Anomaly.UNANSWERED, sentence, event))
    return findings


def silent_peers_dropped(history: History) -> list[Finding]:
    """Find connections that outlived the client's silence: it answers no ping, and was not dropped before it left."""
    findings = []
    for event in history.of(Kind.LEAVING):
        sentence = f"{who(history, event.connection)} answered no ping and was never dropped"
        findings.append(Finding.of(Anomaly.LEAKED, sentence, event))
    return findings


def sends_after_close_raised(history: History) -> list[Finding]:
    """Find applications whose send after their own close did not raise (ASGI WebSocket spec: Close)."""
    findings = []
    for event in history.of(Kind.ANSWERED):
        closes = [
            one for one in history.of(Kind.ANSWERED, connection=event.connection) if one.detail == "websocket.close"
        ]
        if event.detail != "websocket.send" or not closes or closes[0].at > event.at:
            continue
        if history.first(Kind.CRASHED, connection=event.connection) is None:
            sentence = (
                f"the application of {who(history, event.connection)} sent after its own close, and nothing was raised"
            )
            findings.append(Finding.of(Anomaly.ADMITTED, sentence, event))
    return findings


def denials_as_advertised(history: History, *, status: int) -> list[Finding]:
    """Find denial responses that do not arrive where the scope advertises them, and that pass where it does not.

    One connection tells its scope; others answered their handshake by an HTTP response with ``status`` (ASGI
    extensions: Websocket Denial Response).
    """
    findings = []
    advertised = any("websocket.http.response" in (scope.get("extensions") or {}) for _, scope in _scopes(history))
    for event in history.of(Kind.ANSWERED):
        if event.detail != "websocket.http.response.start":
            continue
        name = who(history, event.connection)
        refused = history.first(Kind.REFUSED, connection=event.connection)
        raised = history.first(Kind.CRASHED, connection=event.connection)
        if advertised and (refused is None or refused.code != status):
            saw = "nothing" if refused is None else f"HTTP {refused.code}"
            sentence = f"denial responses are advertised, and {name} was denied with HTTP {status} and saw {saw}"
            findings.append(Finding.of(Anomaly.LOST, sentence, event))
        elif not advertised and raised is None:
            sentence = f"denial responses are not advertised, and the application of {name} was let send one"
            findings.append(Finding.of(Anomaly.ADMITTED, sentence, event))
    return findings


def http2_negotiated(history: History) -> list[Finding]:
    """Find servers that did not agree on HTTP/2 with a client that offered it by ALPN (RFC 9113 §3.2)."""
    findings = []
    for event in history.of(Kind.SPOKE):
        if event.text != "h2":
            sentence = f"{event.worker} was offered h2 over TLS and chose {event.text or 'nothing'}"
            findings.append(Finding.of(Anomaly.REFUSED, sentence, event))
    return findings


def version_told(history: History, *, versions: Collection[str]) -> list[Finding]:
    """Find answers whose application was told another version of HTTP than one of ``versions``; it answers with it."""
    findings = []
    for event in history.of(Kind.RESPONDED):
        told = event.text or ""
        version = json.loads(told).get("http_version") if told.startswith("{") else told
        if event.code != 200 or version not in versions:
            sentence = f"the application of {event.worker} was told HTTP version {version!r}, status {event.code}"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, event))
    return findings


def pushed_as_advertised(history: History) -> list[Finding]:
    """Find servers that advertise http.response.push and push nothing, or push and do not advertise it."""
    findings = []
    for event in history.of(Kind.RESPONDED):
        told = event.text or "{}"
        if not told.startswith("{"):
            sentence = f"the application of {event.worker} told no scope: {cut(told)}, status {event.code}"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, event))
            continue
        advertised, pushed = json.loads(told).get("pushes"), [one.text for one in history.of(Kind.PROMISED)]
        if advertised and not pushed:
            findings.append(Finding.of(Anomaly.LOST, f"{event.worker} advertises pushes, and pushed nothing", event))
        elif pushed and not advertised:
            sentence = f"{event.worker} pushed {pushed}, which nobody had asked it to"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, event))
    return findings


def _scopes(history: History) -> Iterator[tuple[Event, Mapping[str, Any]]]:
    """Yield the first frame of each connection that tells its scope, and the scope."""
    for connection in history.connections:
        first = history.first(Kind.RECEIVED, connection=connection)
        if first is not None and (first.text or "").startswith("{"):
            yield first, json.loads(first.text or "")


def _of_clients(history: History, due: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    for connection in history.connections:
        client = connection.partition("#")[0]
        if client in due:
            yield connection, due[client]
