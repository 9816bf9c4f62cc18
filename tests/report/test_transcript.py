"""How a history is written down for people, and what is never shown."""

from __future__ import annotations

import re

import pytest

from channels_conformance.history import Connection, Event, History, Kind
from channels_conformance.report.transcript import escape, lines, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Cookie: sessionid=abc; csrftoken=def", "Cookie: ***"),
        ("(b'cookie', b'sessionid=abc123')", "(b'cookie', b'sessionid=***')"),
        ('{"password": "a \\" b", "user": "bob"}', '{"password": ***, "user": "bob"}'),
        ("ws://h/ws/?token=abc.def&room=x", "ws://h/ws/?token=***&room=x"),
        ("{'Authorization': 'Bearer abc'}", "{'Authorization': '***'}"),
        ("sent Bearer eyJhbGciOi.J9_x", "sent Bearer ***"),
        ("redis://user:hunter2@localhost/0", "redis://user:***@localhost/0"),
        ("API_KEY=abc REFRESH_TOKEN=def", "API_KEY=*** REFRESH_TOKEN=***"),
    ],
)
def test_secrets_are_masked(text: str, masked: str) -> None:
    """Cookies, tokens, passwords and credentials in URLs never reach a report."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text", ["alice says m1", "http://localhost:8000/ws/", "Basic authentication", "a token bucket"]
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    """Masking takes nothing that is no secret."""
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\r", "a\\nb\\r"),
        ("\u202eevil", "\\u202eevil"),
        ("\ud800", "\\ud800"),
        ("你好 é", "你好 é"),
    ],
)
def test_what_does_not_print_is_escaped(text: str, escaped: str) -> None:
    """No control character, override or lone surrogate reaches the terminal; other scripts do."""
    assert escape(text) == escaped


def play(count: int) -> History:
    """Return a history in which alice says ``count`` messages."""
    alice = Connection(id="alice#1", client="alice", worker="daphne-1")
    said = [Event(at=5 + place, kind=Kind.SAID, connection="alice#1", text=f"m{place}") for place in range(count)]
    return History(connections={"alice#1": alice}, events=said)


def test_a_line_says_when_who_where_and_what() -> None:
    """Times start at nought, and each connection is shown with its worker."""
    history = play(1)
    history.events.append(Event(at=5.5, kind=Kind.CLOSED, connection="alice#1", code=1006))
    history.events.append(Event(at=6, kind=Kind.CRASHED, worker="daphne-1", detail="Traceback\n  x\nKeyError: 'a'\n"))

    assert lines(history) == [
        "   0.000 s  alice#1 (daphne-1)  says 'm0'",
        "   0.500 s  alice#1 (daphne-1)  sees the end with 1006",
        "   1.000 s  daphne-1            application raises KeyError: 'a'",
    ]


def test_a_long_history_is_folded() -> None:
    """Beginning and end are shown, and the gap says how much it hides."""
    told = lines(play(416), limit=4)

    assert [line[-2:] for line in told[:2]] == ["0'", "1'"]
    assert told[2] == "… 412 more events"
    assert [line[-5:] for line in told[3:]] == ["m414'", "m415'"]


def test_evidence_is_never_folded_away() -> None:
    """The events that a finding rests on are shown, wherever they are."""
    history = play(10)

    told = lines(history, limit=2, evidence=[history.events[8]])

    assert told[1] == "… 7 more events"
    assert told[2].endswith("says 'm8'")
    assert len(told) == 4


def test_a_payload_is_masked_escaped_and_cut() -> None:
    """Foreign text is shown short and harmless."""
    history = History(
        events=[
            Event(at=0, kind=Kind.RECEIVED, connection="alice#1", text='\x07{"token": "abc"}' + "x" * 400),
            Event(at=0, kind=Kind.RECEIVED, connection="alice#1", data=b"\x00\xff"),
        ]
    )

    first, second = lines(history)

    assert "abc" not in first
    assert '\\x07{"token": ***}' in first
    assert first.endswith("(417 characters)'")
    assert second.endswith("receives 2 bytes 00ff")


def test_every_kind_of_event_has_words() -> None:
    """No event is left out of a transcript, and no two kinds read alike."""
    history = History(events=[Event(at=0, kind=kind) for kind in Kind])

    assert len(set(lines(history, limit=len(Kind)))) == len(Kind)


def test_an_empty_history_has_no_lines_and_a_limit_has_a_least() -> None:
    """The first and the last event are always shown, where there are any."""
    assert lines(History()) == []
    with pytest.raises(ValueError, match=re.escape("limit is 1, but must be at least 2")):
        lines(History(), limit=1)
