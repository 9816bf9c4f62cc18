"""What the answers to a client must not show, and what becomes of edits that are made at the same moment."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

from channels_conformance.checks.finding import Anomaly, Finding, cut, who
from channels_conformance.history import Event, History, Kind, markers_in

INNARDS = re.compile(r"Traceback \(most recent call last\)|'?NoneType'?|<class '|\bobject at 0x[0-9a-f]+")
"""What no answer has any business with."""

_ANSWERS = (Kind.RECEIVED, Kind.NOISE)


def no_python_shown(history: History, *, words: Mapping[str, str]) -> list[Finding]:
    """Find answers that show Python where the client had sent JSON.

    ``words`` maps each frame that was sent to the word by which Python, and no JSON, writes what it held: ``None``,
    say. A word of which other answers are full shows nothing. Frames that are sent back as they came are no answers.
    """
    answers = list(_answers(history))
    findings = []
    for event, sent, text in answers:
        innards = INNARDS.search(text)
        if innards and innards[0] not in sent:
            sentence = f"the answer to {who(history, event.connection)} shows {cut(innards[0])}: {cut(text)}"
            findings.append(Finding.of(Anomaly.LEAKED, sentence, event))
        elif sent in words:
            word = words[sent]
            usual = any(_holds(other, word) for _, reason, other in answers if word not in words.get(reason, ""))
            if word not in sent and _holds(text, word) and not usual:
                sentence = f"the answer to {cut(sent)} of {who(history, event.connection)} says {word}: {cut(text)}"
                findings.append(Finding.of(Anomaly.LEAKED, sentence, event))
    return findings


def _answers(history: History) -> Iterator[tuple[Event, str, str]]:
    """Yield each answer, with the raw frame its client had sent last, if any, and as text with its entities read."""
    last: dict[str, str] = {}
    for event in history.of(Kind.SENT, *_ANSWERS):
        if event.kind is Kind.SENT:
            last[event.connection] = event.as_text
        else:
            yield event, last.get(event.connection, ""), html.unescape(event.as_text)


def _holds(text: str, word: str) -> bool:
    before, after = (r"\b" if word[:1].isalnum() else ""), (r"\b" if word[-1:].isalnum() else "")
    return re.search(f"{before}{re.escape(word)}{after}", text) is not None


def one_edit_taken(history: History) -> list[Finding]:
    """Find edits of one revision of which several were taken, or none, and authors who were not told of their own.

    An edit that was taken is heard by everybody; of one that was refused, its author alone is told.
    """
    taken, findings = [], []
    for said in history.of(Kind.SAID):
        hearers = {
            event.connection for event in history.of(Kind.RECEIVED) if said.marker in markers_in(event.text or "")
        }
        if said.connection not in hearers:
            sentence = f"{who(history, said.connection)} was never told what became of the edit {said.marker}"
            findings.append(Finding.of(Anomaly.LOST, sentence, said))
        if hearers - {said.connection}:
            taken.append(said)
    if len(taken) != 1:
        authors = " and ".join(who(history, said.connection) for said in taken) or "nobody"
        sentence = f"of {len(history.of(Kind.SAID))} edits of one revision, those of {authors} were taken"
        sentence += ", and each overwrote the one before" if taken else ""
        findings.append(Finding.of(Anomaly.LOST, sentence, *(taken or history.of(Kind.SAID))))
    return findings


def one_edit_stands(history: History, *, stands: str) -> list[Finding]:
    """Find edits that somebody never heard, and clients whose text is not one edit alone in the end.

    That text is in the last frame that begins with ``stands``. This is what a channel layer makes of edits: it hands
    each of them to everybody, and merges none.
    """
    said = {event.marker for event in history.of(Kind.SAID)}
    findings = []
    for connection in {event.connection: None for event in history.of(Kind.ACCEPTED)}:
        heard = history.of(Kind.RECEIVED, connection=connection)
        missed = said - {marker for event in heard for marker in markers_in(event.text or "")}
        told = [event for event in heard if (event.text or "").startswith(stands)]
        ends_with = said & {*markers_in(told[-1].text or "")} if told else set()
        if missed:
            sentence = f"{who(history, connection)} never heard the edit {' '.join(sorted(missed))}"
            findings.append(Finding.of(Anomaly.LOST, sentence, *history.of(Kind.SAID)))
        elif len(ends_with) != 1:
            sentence = f"{who(history, connection)} ends with {len(ends_with)} edits in one text"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, *(told or heard)[-1:]))
    return findings
