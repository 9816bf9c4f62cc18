"""What must follow an HTTP call that makes an app tell an audience something: all of it hears, once, and nobody else.

What a call tells is owed to each connection of the audience that took part when the call was made and stayed until the
last step of the play. A call that was answered with an error, or not at all, has told nobody anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.checks.delivery import altered, name, repeated, unheard
from channels_conformance.checks.finding import Anomaly, Finding
from channels_conformance.checks.ledger import Ledger
from channels_conformance.history import Kind

if TYPE_CHECKING:
    from channels_conformance.history import History

FIRST_ERROR = 300  # HTTP status: a redirect, to a page for signing in, say, tells nobody anything either


def pushes_heard(history: History, *, takes_part_from: Kind = Kind.READY) -> list[Finding]:
    """Find what an HTTP call told that did not reach each of its audience once, as told, or that reached others.

    With ``takes_part_from=Kind.ACCEPTED``, it is owed to whoever has seen its handshake accepted.
    """
    ledger = Ledger(history, takes_part_from=takes_part_from)
    findings: list[Finding] = []
    for marker, said in ledger.utterances.items():
        if said.event.kind is not Kind.PUSHED:
            continue
        status = said.event.code or 0
        if not 0 < status < FIRST_ERROR:
            how = f"answered with HTTP {status}" if status else "not answered"
            sentence = f"the HTTP call that was to tell {said.event.detail!r} something was {how}"
            findings.append(Finding(anomaly=Anomaly.LOST, sentence=sentence, evidence=(said.event,)))
            continue
        findings += [*unheard(ledger, said), *altered(ledger, said)]
        for connection, arrivals in ledger.heard.get(marker, {}).items():
            listener = history.connections.get(connection)
            if listener is None or not ledger.may_hear(listener, said):
                sentence = f"{ledger.who(connection)} received {name(ledger, said)}"
                evidence = (said.event, arrivals[0].event)
                found = Finding(anomaly=Anomaly.CROSSED, sentence=sentence, connection=connection, evidence=evidence)
                findings.append(found)
            else:
                findings += repeated(ledger, connection, said, arrivals)
    return findings
