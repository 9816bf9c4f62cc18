"""What an endpoint that echoes must answer: every frame as it came, type and all, in the order it came."""

from __future__ import annotations

from channels_conformance.checks.finding import Anomaly, Blame, Finding, cut, who
from channels_conformance.history import Event, History, Kind

Payload = str | bytes


def echoed(history: History) -> list[Finding]:
    """Find frames that were not answered with the very same frame (ASGI WebSocket spec: Receive, Send; RFC 6455 §5.6).

    Where the application did send it and the client got none, the server is to blame.
    """
    findings = []
    for connection in history.connections:
        sent = history.of(Kind.SENT, Kind.SAID, Kind.FENCE, connection=connection)
        received = history.of(Kind.RECEIVED, connection=connection)
        due = [_payload(event) for event in sent]
        answers = history.of(Kind.ANSWERED, connection=connection)
        answered = [_payload(event) for event in answers if event.detail == "websocket.send"]
        for place, asked in enumerate(sent):
            came = received[place : place + 1]
            if [_payload(event) for event in came] != [_payload(asked)]:
                instead = _shown(came[0]) if came else "nothing more"
                sentence = f"{who(history, connection)} sent {_shown(asked)} and was answered with {instead}"
                blame: Blame = "server" if answered[: len(due)] == due else "app"
                findings.append(Finding.of(Anomaly.LOST, sentence, asked, *came, blame=blame))
                break
        else:
            for surplus in received[len(sent) :][:1]:
                sentence = f"{who(history, connection)} was answered with {_shown(surplus)} which it never sent"
                by: Blame = "server" if answered == due else "app"
                findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, surplus, blame=by))
    return findings


def _payload(event: Event) -> Payload:
    return event.data if event.data is not None else event.text or ""


def _shown(event: Event) -> str:
    payload = _payload(event)
    kind = "binary" if isinstance(payload, bytes) else "text"
    return f"the {kind} frame {cut(payload.decode('latin-1') if isinstance(payload, bytes) else payload)}"
