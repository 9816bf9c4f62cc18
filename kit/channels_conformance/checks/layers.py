"""What must hold of a channel layer that is spoken to directly. Whatever is found is the layer's doing."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from itertools import pairwise
from typing import Final

from channels_conformance.checks.finding import Anomaly, Finding, cut, who
from channels_conformance.history import History, Kind, markers_in

PROCESS_SPECIFIC: Final = re.compile(r"[A-Za-z0-9._-]+![A-Za-z0-9._-]+")
LONGEST_NAME: Final = 100  # characters that every layer must take, so that a name of its own is good on any

_finding = partial(Finding.of, blame="layer")


def took(history: History) -> list[Finding]:
    """Find what the layer refused though it must take it."""
    return [
        _finding(Anomaly.REFUSED, f"the layer refused {event.text}: {event.detail}", event)
        for event in history.of(Kind.DECLINED)
    ]


def declined(history: History) -> list[Finding]:
    """Find what the layer took though it must refuse it."""
    return [
        _finding(Anomaly.ADMITTED, f"the layer took {event.text} without an error", event)
        for event in history.of(Kind.TOOK)
    ]


def unaltered(history: History) -> list[Finding]:
    """Find messages that came to a reader otherwise than they were sent."""
    return [
        _finding(
            Anomaly.CHANGED,
            f"{who(history, event.connection)} was handed {cut(event.detail)} for {cut(event.text or '')}",
            event,
        )
        for event in history.of(Kind.HANDED)
        if event.text != event.detail
    ]


def channels_named_well(history: History) -> list[Finding]:
    """Find names of new channels that are not process-specific, too long, or given twice."""
    made = history.of(Kind.CHANNEL)
    findings = [
        _finding(Anomaly.UNGRAMMATICAL, f"the layer named a new channel {cut(event.detail)}", event)
        for event in made
        if not PROCESS_SPECIFIC.fullmatch(event.detail) or len(event.detail) > LONGEST_NAME
    ]
    times = Counter(event.detail for event in made)
    repeated = [name for name, count in times.items() if count > 1]
    return findings + [
        _finding(
            Anomaly.DUPLICATED,
            f"the layer named {times[name]} new channels {cut(name)}",
            *(event for event in made if event.detail == name),
        )
        for name in sorted(repeated)
    ]


def expired(history: History, *, expiry: float = 60) -> list[Finding]:
    """Find messages that were handed over more than ``expiry`` seconds after they were sent."""
    said = {event.marker: event for event in history.of(Kind.SAID)}
    return [
        _finding(
            Anomaly.UNEXPECTED,
            f"{who(history, event.connection)} received {cut(event.text or '')}, which had expired",
            said[marker],
            event,
        )
        for event in history.of(Kind.RECEIVED)
        for marker in markers_in(event.text or "")
        if marker in said and event.at > said[marker].at + expiry
    ]


def lapsed(history: History, *, group_expiry: float = 86400) -> list[Finding]:
    """Find messages to a group that a member heard more than ``group_expiry`` seconds after it was last added."""
    said = {event.marker: event for event in history.of(Kind.SAID)}
    joined = {event.connection: event for event in history.of(Kind.READY)}
    return [
        _finding(
            Anomaly.UNEXPECTED,
            f"{who(history, event.connection)} received {cut(event.text or '')} after its membership had expired",
            said[marker],
            event,
        )
        for event in history.of(Kind.RECEIVED)
        for marker in markers_in(event.text or "")
        if marker in said
        and event.connection in joined
        and said[marker].at > joined[event.connection].at + group_expiry
    ]


def kept_nothing(history: History) -> list[Finding]:
    """Find a layer that keeps a thing or more of each reader that has come and gone."""
    counted = history.of(Kind.KEPT)
    findings = []
    for before, after in pairwise(counted):
        gone, more = int(after.text or 0) - int(before.text or 0), (after.code or 0) - (before.code or 0)
        if more >= gone:
            sentence = f"{gone} readers came and went, and the layer keeps {more} things more than before"
            findings.append(_finding(Anomaly.LEAKED, sentence, before, after))
    return findings
