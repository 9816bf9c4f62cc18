"""What an endpoint that echoes must answer: every frame as it came, type and all, in the order it came."""

from __future__ import annotations

from collections.abc import Iterable

from channels_conformance.checks.finding import Anomaly, Blame, Finding, cut, who
from channels_conformance.history import Event, History, Kind

Payload = str | bytes


def echoed(history: History) -> list[Finding]:
    """Find frames that were not answered with the very same frame (ASGI WebSocket spec: Receive, Send; RFC 6455 §5.6).

    Where the application did send it and the client got none, the server is to blame.
    """
    findings = []
    for connection in history.connections:
        sent = _payloads(history.of(Kind.SENT, Kind.SAID, Kind.FENCE, connection=connection))
        received = _payloads(history.of(Kind.RECEIVED, connection=connection))
        if received == sent:
            continue
        answered = _payloads(
            event for event in history.of(Kind.ANSWERED, connection=connection) if event.detail == "websocket.send"
        )
        blame: Blame = "server" if answered[: len(sent)] == sent else "app"
        for place, due in enumerate(sent):
            came = received[place] if place < len(received) else None
            if came != due:
                instead = "nothing more" if came is None else _shown(came)
                sentence = f"{who(history, connection)} sent {_shown(due)} and was answered with {instead}"
                findings.append(Finding(anomaly=Anomaly.LOST, sentence=sentence, connection=connection, blame=blame))
                break
        else:
            sentence = f"{who(history, connection)} was answered with {_shown(received[len(sent)])} which it never sent"
            by: Blame = "server" if answered == sent else "app"
            findings.append(Finding(anomaly=Anomaly.UNEXPECTED, sentence=sentence, connection=connection, blame=by))
    return findings


def _payloads(events: Iterable[Event]) -> list[Payload]:
    return [event.data if event.data is not None else event.text or "" for event in events]


def _shown(payload: Payload) -> str:
    kind = "binary" if isinstance(payload, bytes) else "text"
    return f"the {kind} frame {cut(payload.decode('latin-1') if isinstance(payload, bytes) else payload)}"
