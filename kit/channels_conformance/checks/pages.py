"""What must hold of a page in a browser: it shows what is said, tells how it is connected, and gives up in good order.

A page keeps the room's history, so what was said in a room is owed to each page of it, whenever that was opened and
however often its connection was lost meanwhile. What a page shows is read once, when the play is over.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from channels_conformance.checks.finding import Anomaly, Finding, cut, who
from channels_conformance.history import Kind, markers_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from channels_conformance.history import Event, History

CONNECTED = "connected"
"""What a page says while it is connected, and at no other time."""

SIGNED_OUT = "signed out"
"""What it says once it knows that its user is no longer signed in."""

GROWTH = 4
"""How many times as long as after its first failures a page must wait after :data:`FAILURES` more."""

FAILURES = 5


def pages_show_all(history: History) -> list[Finding]:
    """Find what was said in a room and is not shown on each page of it once, as it was said; and what nobody said."""
    findings: list[Finding] = []
    said = {event.marker: event for event in history.of(Kind.SAID)}
    for page in history.connections:
        shown = history.of(Kind.RECEIVED, connection=page)
        for event in said.values():
            findings += _shown(history, page, event, [one for one in shown if event.marker in (one.text or "")])
        for item in shown:
            if not any(marker in said for marker in markers_in(item.text or "")):
                sentence = f"{_page(history, page)} shows {cut(item.text or '')}, which nobody said"
                findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, item))
    return findings


def _shown(history: History, page: str, said: Event, items: list[Event]) -> list[Finding]:
    there, here = history.connections[said.connection], history.connections[page]
    text = f"{cut(said.text or '')} that {who(history, said.connection)} said"
    if there.audience != here.audience:
        sentence = f"{_page(history, page)} shows {text} in another room"
        return [Finding.of(Anomaly.CROSSED, sentence, said, items[0])] if items else []
    if not items:
        return [Finding.of(Anomaly.LOST, f"{_page(history, page)} never showed {text}", said, connection=page)]
    if len(items) > 1:
        return [Finding.of(Anomaly.DUPLICATED, f"{_page(history, page)} shows {text} {len(items)} times", said, *items)]
    if (said.text or "") not in (items[0].text or ""):
        sentence = f"{_page(history, page)} shows {text} altered, as {cut(items[0].text or '')}"
        return [Finding.of(Anomaly.LOST, sentence, said, items[0])]
    return []


def pages_keep_order(history: History) -> list[Finding]:
    """Find pages that show what one user said in another order."""
    findings = []
    for page in history.connections:
        shown = [
            marker for item in history.of(Kind.RECEIVED, connection=page) for marker in markers_in(item.text or "")
        ]
        for sayer in history.connections:
            said = [event for event in history.of(Kind.SAID, connection=sayer) if event.marker in shown]
            places = [shown.index(event.marker) for event in said]
            if places != sorted(places):
                sentence = f"{_page(history, page)} shows what {who(history, sayer)} said in another order"
                findings.append(Finding.of(Anomaly.REORDERED, sentence, *said, connection=page))
    return findings


def pages_tell_their_state(history: History) -> list[Finding]:
    """Find pages that say they are connected when they are not, or the other way round, or keep a close code back."""
    findings = []
    for look in history.of(Kind.SHOWN):
        before = [
            event
            for event in history.of(Kind.CONNECT, Kind.ACCEPTED, Kind.CLOSED, connection=look.connection)
            if event.at <= look.at
        ]
        if look.detail != "status" or not before:
            continue
        told, last = look.text or "", before[-1]
        page = f"{_page(history, look.connection)} says {cut(told)}"
        if last.kind is Kind.ACCEPTED and told != CONNECTED:
            findings.append(Finding.of(Anomaly.UNEXPECTED, f"{page}, and its socket is open", last, look))
        elif last.kind is Kind.CONNECT and told == CONNECTED:
            findings.append(Finding.of(Anomaly.UNEXPECTED, f"{page} before its handshake was answered", last, look))
        elif last.kind is Kind.CLOSED and str(last.code) not in told:
            sentence = f"{page}, and its socket was closed with code {last.code}"
            findings.append(Finding.of(Anomaly.LOST, sentence, last, look))
    return findings


def pages_come_back(history: History) -> list[Finding]:
    """Find pages that lost their connection and never had one again."""
    findings = []
    for page in history.connections:
        ends = history.of(Kind.ACCEPTED, Kind.CLOSED, connection=page)[-1:]
        for last in ends:
            if last.kind is Kind.CLOSED:
                sentence = f"{_page(history, page)} was closed with code {last.code}, and never came back"
                findings.append(Finding.of(Anomaly.LOST, sentence, last))
    return findings


def pages_run_nothing(history: History) -> list[Finding]:
    """Find pages that ran what was only said on them."""
    return [
        Finding.of(
            Anomaly.ADMITTED,
            f"{_page(history, event.connection)} ran what somebody had said, and showed {cut(event.text or '')}",
            event,
        )
        for event in history.of(Kind.SHOWN)
        if event.detail == "dialog"
    ]


def scripts_survive(history: History) -> list[Finding]:
    """Find pages whose script let an exception out."""
    return [
        Finding.of(Anomaly.CRASHED, f"{_page(history, event.connection)} let an exception out: {event.detail}", event)
        for event in history.of(Kind.SCRIPT_FAILED)
    ]


def pages_back_off(history: History) -> list[Finding]:
    """Find pages that wait no longer after many failures than after one, and two that wait equally long."""
    findings = []
    waits = {page: history.of(Kind.WAITED, connection=page) for page in history.connections}
    for page, asked in waits.items():
        first, last = asked[:1], asked[FAILURES : FAILURES + 1]
        if not last:
            knocks = len(history.of(Kind.KNOCKED, connection=page))
            sentence = f"{_page(history, page)} tried {knocks} times in all, and waited {len(asked)} times"
            findings.append(Finding.of(Anomaly.LOST, sentence, *asked, connection=page))
        elif not first[0].code or (last[0].code or 0) < GROWTH * first[0].code:
            sentence = (
                f"{_page(history, page)} waited {first[0].code} ms after its first failure, and {last[0].code} ms "
                f"after {FAILURES} more"
            )
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, *first, *last))
    alike = Counter(tuple(event.code for event in asked) for asked in waits.values() if asked)
    for codes, pages in alike.items():
        if pages > 1:
            sentence = f"{pages} pages waited equally long each time, and would all come back in the same moment"
            evidence = next(asked for asked in waits.values() if tuple(event.code for event in asked) == codes)
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, *evidence))
    return findings


def pages_stay_away(history: History, *, knocks: Mapping[str, int]) -> list[Finding]:
    """Find pages that opened more sockets than these, by connection, or as many and did not say who is signed out.

    A page that opened fewer has not come back to be told.
    """
    findings = []
    for page, most in knocks.items():
        opened = history.of(Kind.KNOCKED, connection=page)
        told = [event.text or "" for event in history.of(Kind.SHOWN, connection=page) if event.detail == "status"]
        if len(opened) > most:
            sentence = f"{_page(history, page)} opened {len(opened)} sockets, and was told after {most} to stay away"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, *opened))
        elif len(opened) == most and (not told or SIGNED_OUT not in told[-1]):
            sentence = f"{_page(history, page)} says {cut(told[-1] if told else '')} to a user who is signed out"
            findings.append(Finding.of(Anomaly.LOST, sentence, *opened, connection=page))
    return findings


def schemes_agree(history: History) -> list[Finding]:
    """Find pages over HTTPS that open a socket without TLS, pages over HTTP that open one with it, and silent ones."""
    findings = []
    for page in history.connections:
        opened = history.of(Kind.KNOCKED, connection=page)
        if not opened:
            findings.append(Finding.of(Anomaly.LOST, f"{_page(history, page)} opened no socket", connection=page))
        for event in opened:
            socket, document = urlsplit(event.text or ""), urlsplit(event.detail)
            if (socket.scheme == "wss") != (document.scheme == "https"):
                sentence = f"{_page(history, page)} came over {document.scheme} and opened {socket.scheme}://"
                findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, event))
    return findings


def _page(history: History, connection: str) -> str:
    return f"the page of {who(history, connection)}"
