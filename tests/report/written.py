"""Runs written by hand with the kit's own types, for whatever shows a report: no server, no Redis, no wait."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from channels_conformance.checks import Anomaly, Finding, whole
from channels_conformance.claims import Catalogue
from channels_conformance.history import Connection, Event, History, Kind
from channels_conformance.report.json_report import data
from channels_conformance.report.transcript import lines, rows
from channels_conformance.report.verdicts import Facts, Outcome, Summary, Verdict

EVIL = """<img src=x onerror="document.title='it ran'"><script>document.title='it ran'</script>"""
SECRETS = ("c00kie-of-alice", "t0ken-of-alice", "passw0rd-of-alice")
FEW = 8  # claims of a chapter; a page of all would show no more
TRACEBACK = f"""Traceback (most recent call last):
  File "/srv/tearoom/chat/consumers.py", line 12, in receive
    self.rooms[text]
KeyError: 'Cookie: sessionid={SECRETS[0]}'"""
FACTS = Facts(
    subject="tearoom",
    root="/srv/tearoom",
    redis=f"redis://:{SECRETS[2]}@127.0.0.1:6379/0 (7.0.15)",
    layer="channels_redis.core.RedisChannelLayer",
    servers=("daphne 4.2.3", "uvicorn 0.54.0"),
    database="sqlite3",
    versions={"python": "3.11.7", "django": "5.2.19", "channels": "4.3.2", "daphne": "4.2.3", "uvicorn": "0.54.0"},
)


def conversation(messages: int = 4, *, lost: int = 2, text: str = "") -> History:
    """Return a history in which alice speaks and bob, on another worker, hears each message but the one numbered."""
    who = {"alice": "daphne-1", "bob": "uvicorn-2"}
    connections = {
        f"{name}#1": Connection(
            id=f"{name}#1", client=name, user=name, endpoint="chat", audience="lobby", hears="group", worker=worker
        )
        for name, worker in who.items()
    }
    events: list[Event] = []

    def record(kind: Kind, name: str, **more: Any) -> None:
        events.append(Event(at=10 + len(events) / 1000, kind=kind, connection=f"{name}#1", **more))

    for name in who:
        record(Kind.CONNECT, name)
        record(Kind.ACCEPTED, name)
        record(Kind.FENCE, name, text=f"~f-{name}~", marker=f"~f-{name}~")
        record(Kind.RECEIVED, name, text=f"~f-{name}~")
        record(Kind.READY, name)
    for number in range(1, messages + 1):
        marker = f"~m{number}~"
        record(Kind.SAID, "alice", text=f"{marker}{text}", marker=marker)
        for name in who:
            if name == "alice" or number != lost:
                record(Kind.RECEIVED, name, text=json.dumps({"user": "alice", "message": f"{marker}{text}"}))
    for name in who:
        record(Kind.FENCE, name, text=f"~g-{name}~", marker=f"~g-{name}~")
        for other in who:
            record(Kind.RECEIVED, other, text=f"~g-{name}~")
    script = [f"{name} joins 'lobby' on worker {place}" for place, name in enumerate(who)]
    script += [f"alice says {text!r}"] * messages
    return History(connections=connections, events=events, script=tuple(script))


def judged(history: History) -> list[Finding]:
    """Return what the kit's own checks find in a history."""
    return [finding for check in whole for finding in check(history)]


def outcome(claim: str, history: History, findings: Sequence[Finding] = (), **more: Any) -> Outcome:
    """Return what a spec leaves behind that found this; what it found the kit's checks find, unless it is given."""
    found = findings or judged(history)
    evidence = [event for one in found for event in one.evidence]
    return Outcome(
        spec=f"specs/test_{claim.partition('/')[0]}.py::test_{claim.rpartition('/')[2].replace('-', '_')}[chat]",
        claims=(claim,),
        verdict=Verdict.VIOLATED,
        findings=tuple(
            {"anomaly": str(one.anomaly), "sentence": one.sentence, "connection": one.connection, "blame": one.blame}
            for one in found
        ),
        transcript=tuple(lines(history, evidence=evidence)),
        events=tuple(rows(history, evidence=evidence)),
        script=history.script,
        repeat=f"channels-conformance run --subject /srv/tearoom --claim {claim}",
        seconds=0.5,
        **more,
    )


def hostile(catalogue: Catalogue) -> dict[str, Any]:
    """Return the report of a run with every verdict, and with markup and secrets wherever an app can put them."""
    quiet = conversation(3, lost=2, text=EVIL)
    loud = conversation(2, lost=0)
    token = f'{{"token": "{SECRETS[1]}", "password": "{SECRETS[2]}"}}'
    loud.events.insert(12, Event(at=10.0115, kind=Kind.SENT, connection="alice#1", text=token))
    crash = Event(at=10.0116, kind=Kind.CRASHED, connection="alice#1", worker="daphne-1", detail=TRACEBACK)
    loud.events.insert(13, crash)
    died = Finding(
        anomaly=Anomaly.CRASHED,
        sentence=f"the application of alice (daphne-1) crashed: KeyError: {EVIL}",
        connection="alice#1",
        evidence=(crash,),
    )
    fanout, auth = catalogue.chapter("fanout").claims, catalogue.chapter("auth").claims
    special = [
        outcome(fanout[0].id, quiet),
        outcome(auth[0].id, loud, [died], server_traceback=TRACEBACK),
        _plain(auth[1].id, Verdict.KNOWN, reason=f"Daphne does otherwise {EVIL}"),
        _plain(auth[2].id, Verdict.UNPROVEN, reason="no Redis was found"),
        _plain(auth[3].id, Verdict.NOT_APPLICABLE, reason="the profile declares no tokens"),
    ]
    lighter = [claim for claim in auth[FEW:] if claim.level != "must"]
    rest = [_plain(claim.id, Verdict.HOLDS) for claim in (*fanout[1:FEW], *auth[4:FEW], *lighter)]
    return _report([*special, *rest], catalogue)


def compared(catalogue: Catalogue, parameter: str, values: Sequence[str], chapter: str) -> dict[str, Any]:
    """Return the report of a run that judged each claim of a chapter once for each server or layer."""
    outcomes = [
        _plain(
            claim.id,
            Verdict.KNOWN if (place + number) % 5 == 0 else Verdict.HOLDS,
            spec=f"specs/test_{chapter}.py::test_{place}[{value}]",
            parameters={parameter: value},
            reason="it does otherwise" if (place + number) % 5 == 0 else "",
        )
        for place, claim in enumerate(catalogue.chapter(chapter).claims[:FEW])
        for number, value in enumerate(values)
    ]
    return _report(outcomes, catalogue)


def large(catalogue: Catalogue, *, claims: int, transcripts: int, events: int) -> dict[str, Any]:
    """Return the report of a run of so many claims, of which some are violated with histories of so many events."""
    ids = [claim.id for claim in catalogue][:claims]
    spoken = conversation((events - 15) // 3, lost=events // 6)
    found = judged(spoken)
    broken = [outcome(claim_id, spoken, found, server_traceback=TRACEBACK) for claim_id in ids[:transcripts]]
    rest = [_plain(one, Verdict.HOLDS) for one in ids[transcripts:]]
    return _report([*broken, *rest], catalogue)


def _report(outcomes: Sequence[Outcome], catalogue: Catalogue) -> dict[str, Any]:
    """Return the report of a run that was asked for these claims and no others."""
    asked = {claim for one in outcomes for claim in one.claims}
    return data(Summary.of(outcomes, catalogue, FACTS, {claim.partition("/")[0] for claim in asked}, claims=asked))


def _plain(claim: str, verdict: Verdict, *, spec: str = "", **more: Any) -> Outcome:
    return Outcome(spec=spec or f"specs/x.py::{claim}", claims=(claim,), verdict=verdict, seconds=0.1, **more)
