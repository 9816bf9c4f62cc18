"""What must be heard, by whom, how often and in which order.

A connection *takes part* from READY, when its own first fence came back to it, until it begins to end: LEAVING,
ABORTED, CLOSED or CRASHED, whichever comes first. (Where only the sayer hears, it takes part from ACCEPTED.)

Owed
    A message is owed to the sayer itself where the endpoint ``hears`` sender; to every connection of the same endpoint
    and audience where it hears group; to every connection of the same endpoint and user where it hears user. Of
    these, to those that took part when it was said and either never ended, or ended with a *proof* that the message
    should have come before: a fence that the sayer sent later, or that anybody of the audience sent once the
    sayer's application had returned. The fence must have arrived; or it must be one that players wait for at all
    who should hear it, which is any but a client's first, and the listener's own client must have ended it later.
    Somebody else's fence proves nothing while the sayer's application is at work: it went another way.
    A fence is owed to its own sayer alone, unless the server ended the connection.

Allowed
    Whoever belongs to the audience may hear it, also while connecting or leaving. Only one that began to connect after
    the sayer's next fence had come back may not: by then the message was history.

Excused
    A message is owed to nobody if the sayer was not connected when it was said; if the sayer aborted, and no event
    with the message reached the application; or if the sayer's connection crashed or its worker died before a later
    fence came back. It is still allowed.

Order holds from one sayer to one listener. Two sayers, or one client's two connections, are not ordered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.checks.finding import Anomaly, Blame, Finding, cut, who
from channels_conformance.checks.ledger import Arrival, Ledger, Utterance, holds
from channels_conformance.history import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from channels_conformance.history import Connection, Event, History


def name(ledger: Ledger, said: Utterance) -> str:
    """Return how a sentence names an utterance: ``'hello ~m3~' that alice (daphne-1) said``."""
    match said.sayer:
        case None if said.event.kind is Kind.PUSHED:
            return f"{cut(said.text)} that an HTTP call told {cut(said.event.detail)}"
        case None:
            return f"the result {cut(said.text)} for {said.event.detail}"
        case sayer if said.is_fence:
            return f"the fence {said.event.marker} of {ledger.who(sayer.id)}"
        case sayer:
            return f"{cut(said.text)} that {ledger.who(sayer.id)} said"


def missing(ledger: Ledger, said: Utterance) -> list[Finding]:
    """Find who should have heard this and did not, or heard it altered."""
    return [*unheard(ledger, said), *altered(ledger, said)]


def unheard(ledger: Ledger, said: Utterance) -> list[Finding]:
    """Find who should have heard this and did not."""
    return [
        _lost(ledger, said, listener.id, f"{ledger.who(listener.id)} never received {name(ledger, said)}")
        for listener in ledger.owed_to(said)
        if not ledger.arrivals(said, listener.id)
    ]


def altered(ledger: Ledger, said: Utterance) -> list[Finding]:
    """Find who heard this, but not as it was said."""
    findings = []
    for connection, arrivals in ledger.heard.get(said.event.marker, {}).items():
        listener = ledger.history.connections.get(connection)
        meant = listener is not None and ledger.may_hear(listener, said)
        if meant and not any(arrival.intact for arrival in arrivals):
            frame = arrivals[0].event
            sentence = f"at {ledger.who(connection)} {name(ledger, said)} arrived altered, as {cut(frame.as_text)}"
            findings.append(_lost(ledger, said, connection, sentence, frame))
    return findings


def _lost(ledger: Ledger, said: Utterance, listener: str, sentence: str, *frames: Event) -> Finding:
    answers = ledger.answers.get((listener, said.event.marker), [])
    blame: Blame = "server" if any(holds(answer, said.text) for answer in answers) else "app"
    evidence = (said.event, *answers[:1], *frames)
    return Finding(anomaly=Anomaly.LOST, sentence=sentence, connection=listener, evidence=evidence, blame=blame)


def repeated(ledger: Ledger, connection: str, said: Utterance, arrivals: list[Arrival]) -> list[Finding]:
    """Find one message that came to one connection more than once."""
    if len(arrivals) < 2:
        return []
    answers = ledger.answers.get((connection, said.event.marker), [])
    return [
        Finding(
            anomaly=Anomaly.DUPLICATED,
            sentence=f"{ledger.who(connection)} received {name(ledger, said)} {len(arrivals)} times",
            connection=connection,
            evidence=(said.event, *(arrival.event for arrival in arrivals)),
            blame="server" if len(answers) == 1 else "app",
        )
    ]


def lost(history: History, *, takes_part_from: Kind = Kind.READY) -> list[Finding]:
    """Find messages that somebody they are owed to never received, or received altered.

    With ``takes_part_from=Kind.ACCEPTED``, what is said is owed to whoever has seen its handshake accepted.
    """
    ledger = Ledger(history, takes_part_from=takes_part_from)
    said = [it for it in ledger.utterances.values() if it.sayer is not None]
    return [finding for it in said for finding in missing(ledger, it)]


def never_heard(history: History) -> list[Finding]:
    """Find messages that somebody they are owed to never received, in whatever form."""
    ledger = Ledger(history)
    said = [it for it in ledger.utterances.values() if it.sayer is not None]
    return [finding for it in said for finding in unheard(ledger, it)]


def duplicated(history: History) -> list[Finding]:
    """Find messages that came to one connection more than once."""
    ledger = Ledger(history)
    return [
        finding for said, listener, arrivals in _heard(ledger) for finding in repeated(ledger, listener, said, arrivals)
    ]


def flooded(history: History) -> list[Finding]:
    """Find connections that were sent so many frames nobody asked for that their client gave up reading."""
    return [
        Finding(
            anomaly=Anomaly.UNEXPECTED,
            sentence=f"{who(history, event.connection)} was sent more than {(event.code or 1) - 1} frames that nobody "
            "asked for",
            connection=event.connection,
            evidence=(event,),
        )
        for event in history.of(Kind.FLOODED)
    ]


def unexpected(history: History) -> list[Finding]:
    """Find messages that nobody said, and messages that reached a newcomer though they were history when it came."""
    ledger = Ledger(history)
    findings = []
    for frame, found in ledger.frames:
        known = [said for marker in found if (said := ledger.utterances.get(marker)) is not None]
        if not known:
            sentence = f"{ledger.who(frame.connection)} received {cut(next(iter(found)))}, which nobody said"
            findings.append(_surplus(Anomaly.UNEXPECTED, sentence, frame))
        for said in known:
            listener = ledger.history.connections.get(frame.connection)
            if listener is None or not ledger.may_hear(listener, said):
                continue
            if ledger.spans[listener.id].connect > ledger.fenced_at(said):
                sentence = f"{ledger.who(listener.id)} received {name(ledger, said)} before it came"
                findings.append(_surplus(Anomaly.UNEXPECTED, sentence, said.event, frame))
    return findings


def crossed(history: History) -> list[Finding]:
    """Find messages that reached a connection of another audience, user or endpoint."""
    ledger = Ledger(history)
    findings = []
    for said, connection, arrivals in _heard(ledger):
        listener = history.connections.get(connection)
        if listener is None or said.sayer is None or ledger.may_hear(listener, said):
            continue
        place = f"{ledger.who(connection)} in {_place(listener)}"
        sentence = f"{place} received {name(ledger, said)} in {_place(said.sayer)}"
        findings.append(_surplus(Anomaly.CROSSED, sentence, said.event, arrivals[0].event))
    return findings


def _heard(ledger: Ledger) -> Iterator[tuple[Utterance, str, list[Arrival]]]:
    for marker, listeners in ledger.heard.items():
        said = ledger.utterances.get(marker)
        if said is not None and said.sayer is not None:
            for connection, arrivals in listeners.items():
                yield said, connection, arrivals


def reordered(history: History) -> list[Finding]:
    """Find messages of one sayer that came to one listener after a message said later."""
    return _overtaken(history, Anomaly.REORDERED)


def late(history: History) -> list[Finding]:
    """Find messages that came after a fence sent later, which should have proved them heard."""
    return _overtaken(history, Anomaly.LATE)


def _overtaken(history: History, anomaly: Anomaly) -> list[Finding]:
    ledger = Ledger(history)
    newest: dict[tuple[str, str, bool], tuple[Utterance, Event]] = {}
    seen: set[tuple[str, str]] = set()
    findings = []
    for frame, found in ledger.frames:
        for marker in found:
            said = ledger.utterances.get(marker)
            if said is None or said.sayer is None or (frame.connection, marker) in seen:
                continue
            seen.add((frame.connection, marker))
            fence = newest.get((frame.connection, said.sayer.id, True))
            message = newest.get((frame.connection, said.sayer.id, False))
            if not said.is_fence:
                # One name for one anomaly: what a fence has overtaken is late, and not reordered as well.
                behind_fence = fence is not None and fence[0].index > said.index
                first = fence if anomaly is Anomaly.LATE else (None if behind_fence else message)
                if first is not None and first[0].index > said.index:
                    sentence = (
                        f"{ledger.who(frame.connection)} received {name(ledger, said)} "
                        f"after {name(ledger, first[0])} later"
                    )
                    findings.append(_surplus(anomaly, sentence, said.event, first[1], frame))
            latest = fence if said.is_fence else message
            if latest is None or latest[0].index < said.index:
                newest[frame.connection, said.sayer.id, said.is_fence] = (said, frame)
    return findings


def _surplus(anomaly: Anomaly, sentence: str, *evidence: Event) -> Finding:
    return Finding(anomaly=anomaly, sentence=sentence, connection=evidence[-1].connection, evidence=evidence)


def _place(connection: Connection) -> str:
    audience = cut(connection.audience) if connection.audience else f"the place of {connection.user or 'anonymous'}"
    return f"{connection.endpoint} {audience}".strip()


whole = (lost, duplicated, unexpected, crossed, reordered, late)
"""All that holds of delivery while the layer has room."""

lossy = (duplicated, unexpected, crossed, reordered)
"""What still holds beyond the layer's capacity, where messages may be dropped: nothing but loss."""
