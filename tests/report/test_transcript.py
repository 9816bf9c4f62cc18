"""How a history is written down for people, and what is never shown."""

from __future__ import annotations

import re
import time

import pytest

from channels_conformance.history import Connection, Event, History, Kind
from channels_conformance.report.transcript import escape, lines, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Cookie: sessionid=abc; csrftoken=def", "Cookie: ***"),
        ("(b'cookie', b'sessionid=abc123')", "(b'cookie', b'***')"),
        ("[[b'Set-Cookie', b'mine=abc'], 1]", "[[b'Set-Cookie', b'***'], 1]"),
        ("X-CSRFToken: abc", "X-CSRFToken: ***"),
        ("X-CSRF: abc csrfmiddlewaretoken=abc", "X-CSRF: *** csrfmiddlewaretoken=***"),
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
    assert told[2] == "… 412 more events …"
    assert [line[-5:] for line in told[3:]] == ["m414'", "m415'"]


def test_evidence_is_never_folded_away() -> None:
    """The events that a finding rests on are shown, wherever they are."""
    history = play(10)

    told = lines(history, limit=2, evidence=[history.events[8]])

    assert told[1] == "… 7 more events …"
    assert told[2].endswith("says 'm8'")
    assert len(told) == 4


def test_the_first_crash_is_never_folded_away() -> None:
    """What most likely explains a failure is shown, however much was said before and after it."""
    history = play(10)
    history.events.insert(5, Event(at=9, kind=Kind.CRASHED, worker="daphne-1", detail="Traceback\n  x\nKeyError: 'a'"))

    told = lines(history, limit=2)

    assert told[1] == "… 4 more events …"
    assert told[2].endswith("application raises KeyError: 'a'")
    assert told[3] == "… 4 more events …"


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
    """Whatever the kind of an event, it can be shown as evidence."""
    history = History(events=[Event(at=0, kind=kind) for kind in Kind])

    assert len(lines(history, limit=len(Kind), evidence=history.events)) == len(Kind)


@pytest.mark.parametrize(
    "kind",
    [Kind.DELIVERED, Kind.ANSWERED, Kind.RETURNED, Kind.INSTANCE, Kind.CHANNEL, Kind.QUERY, Kind.OLD_CLOSED],
)
def test_what_goes_on_inside_a_worker_is_left_out_unless_it_is_evidence(kind: Kind) -> None:
    """A reader sees what clients saw; a worker's own events are told where a finding rests on them."""
    history = play(1)
    history.events.append(Event(at=6, kind=kind, connection="alice#1", worker="daphne-1"))

    assert len(lines(history)) == 1
    assert len(lines(history, evidence=history.events[1:])) == 2


@pytest.mark.parametrize("kind", [Kind.CRASHED, Kind.DISCONNECT_RAN, Kind.ORM_ON_LOOP, Kind.UNAWAITED])
def test_what_went_wrong_inside_a_worker_is_told(kind: Kind) -> None:
    """Crashes, ends and blunders of a worker explain what clients saw."""
    history = History(events=[Event(at=6, kind=kind, worker="daphne-1")])

    assert len(lines(history)) == 1


def test_a_fence_is_told_by_its_marker_alone() -> None:
    """A fence is shown short, whatever the application wraps it in; a message never is."""
    history = History(
        events=[
            Event(at=0, kind=Kind.FENCE, connection="alice#1", text="~f1~", marker="~f1~"),
            Event(
                at=0, kind=Kind.RECEIVED, connection="alice#1", text='{"room": "tea", "text": "~f1~", "by": "alice"}'
            ),
            Event(at=0, kind=Kind.RECEIVED, connection="alice#1", text="~m1~ and ~f1~"),
        ]
    )

    assert [line.partition("alice#1  ")[2] for line in lines(history)] == [
        "sends the fence ~f1~",
        "receives the fence ~f1~",
        "receives '~m1~ and ~f1~'",
    ]


def test_an_end_tells_its_code_or_that_there_is_none() -> None:
    """A close without a code is told apart from a code that was not recorded."""
    history = History(
        events=[
            Event(at=0, kind=Kind.LEAVING, connection="alice#1"),
            Event(at=0, kind=Kind.CLOSED, connection="alice#1", code=4001),
            Event(at=0, kind=Kind.REFUSED, connection="alice#1", code=403),
        ]
    )

    assert [line.partition("alice#1  ")[2] for line in lines(history)] == [
        "begins to close with no code",
        "sees the end with 4001",
        "is refused with 403",
    ]


@pytest.mark.parametrize("text", ["x" * 200_000, "http:/" * 30_000, "token " * 30_000, "Bearer " + "a" * 200_000])
def test_masking_a_long_payload_takes_no_longer_than_it_must(text: str) -> None:
    """The time grows with the length, not with its square: a large frame does not hang the report."""
    began = time.process_time()

    mask(text)

    assert time.process_time() - began < 5


def test_an_empty_history_has_no_lines_and_a_limit_has_a_least() -> None:
    """The first and the last event are always shown, where there are any."""
    assert lines(History()) == []
    with pytest.raises(ValueError, match=re.escape("limit is 1, but must be at least 2")):
        lines(History(), limit=1)
