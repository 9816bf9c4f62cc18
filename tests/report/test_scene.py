"""What a picture shows of a history: what went wrong where it went wrong, and what is left out by number."""

from __future__ import annotations

import re
from typing import Any

import pytest

from channels_conformance import claims
from channels_conformance.history import Event, Kind
from channels_conformance.report import html, picture, pieces, scene
from channels_conformance.report.transcript import lines, rows
from tests.report import written


def shown(messages: int, *, lost: int = 0, limit: int = scene.MOST) -> tuple[list[dict[str, Any]], list[scene.Line]]:
    """Return the rows of a conversation that the kit's checks have judged, and the lines of its picture."""
    outcome = written.outcome("fanout/x", written.conversation(messages, lost=lost))
    return list(outcome.events), scene.lines(outcome.events, outcome.findings, limit=limit)  # type: ignore[arg-type]


def test_what_never_came_stands_where_the_others_heard_it() -> None:
    """The arrow that ends comes behind the message, as others heard it, and before what was said next."""
    _, told = shown(4, lost=2)

    labels = [(line.look, line.label) for line in told if "~m" in line.label]
    assert labels[2:7] == [
        ("plain", "~m1~"),
        ("cause", "~m2~"),
        ("plain", "~m2~"),
        ("lost", "~m2~ that alice (daphne-1) said"),
        ("plain", "~m3~"),
    ]


def test_who_heard_what_was_for_another_is_told_from_what_it_began_with() -> None:
    """The task that was queued is no wrong; that its result came to somebody else is, and whose it was is told."""
    history = written.conversation(0)
    queued = Event(at=11, kind=Kind.QUEUED, text="~m9~", marker="~m9~", detail="alice")
    begun = Event(at=11.1, kind=Kind.TASK_STARTED, worker="celery", marker="~m9~", detail="411")
    failed = Event(
        at=11.2, kind=Kind.TASK_ENDED, worker="celery", marker="~m9~", detail="x\nreports.tasks.NoReport: none"
    )
    heard = Event(at=11.3, kind=Kind.RECEIVED, connection="bob#1", text='{"result": "~m9~"}')
    history.events += [queued, begun, failed, heard]
    finding = {"anomaly": "crossed", "sentence": "bob received the result '~m9~' for alice", "connection": "bob#1"}
    events = rows(history, evidence=[queued, heard])

    told = [(line.look, line.name, line.label) for line in scene.lines(events, [finding])][-4:]
    drawn = picture.svg(events, [finding])

    assert told == [
        ("cause", "", "queued ~m9~ for alice"),
        ("plain", "", "a task begins [~m9~] 411"),
        ("plain", "", "~m9~ fails: NoReport: none"),
        ("wrong", "crossed", "~m9~ for alice"),
    ]
    assert re.findall(r'class="head \w+ \w+"><title>([^<]+)<', drawn)[-2:] == ["Redis", "Celery"]
    assert drawn.count('class="band"') == 1


def test_fences_are_put_together() -> None:
    """They say nothing; how many they were is told, and which for whoever points at it."""
    events, told = shown(1)

    quiet = [line for line in told if line.look == "quiet"]
    assert [line.label for line in quiet] == ["3 fences come and go", "3 fences come and go", "6 fences come and go"]
    assert "bob#1 receives the fence ~g-alice~" in quiet[-1].whole
    assert sum(line.count for line in told) == len(events)


@pytest.mark.parametrize("messages", [10, 40, 150])
def test_a_long_history_is_folded_around_what_went_wrong(messages: int) -> None:
    """No event is left out uncounted, and what went wrong is there with what came before it."""
    events, told = shown(messages, lost=messages // 2)

    assert sum(line.count for line in told) == len(events)
    assert len(told) <= scene.MOST
    place = next(place for place, line in enumerate(told) if line.look == "lost")
    marker = f"~m{messages // 2}~"
    assert [line.label for line in told[place - 2 : place]] == [marker, marker]
    assert told[place].label == f"{marker} that alice (daphne-1) said"
    assert [line.look for line in told].count("gap") == (0 if messages == 10 else 2)


def test_much_that_went_wrong_is_counted_too() -> None:
    """Of many messages that never came some are drawn, and the rest are told by number."""
    history = written.conversation(30)
    history.events = [one for one in history if one.connection != "bob#1" or "~m" not in (one.text or "")]
    outcome = written.outcome("fanout/x", history)

    told = scene.lines(outcome.events, outcome.findings)

    assert len(outcome.findings) == 30
    assert [line.look for line in told].count("lost") == scene.MOST_LOST
    assert any(line.label == f"{30 - scene.MOST_LOST} more, as these" for line in told)


def test_a_gap_says_that_it_hides_what_went_wrong() -> None:
    """Where there is more of it than a picture can hold."""
    history = written.conversation(100)
    evidence = [event for event in history if event.connection == "bob#1"]
    finding = {"anomaly": "leaked", "sentence": "bob heard what he must not", "connection": "bob#1"}

    drawn = picture.svg(rows(history, evidence=evidence), [finding])

    assert re.search(r"… \d+ more events, some of them wrong …", drawn)


def test_what_no_row_shows_is_told_at_the_end() -> None:
    """A finding without evidence is named in the picture all the same."""
    told = scene.lines(rows(written.conversation(1)), [{"anomaly": "", "sentence": "it took too long"}])

    assert (told[-1].look, told[-1].name, told[-1].label) == ("wrong", "found", "it took too long")


def test_an_envelope_is_left_out_of_a_label() -> None:
    """What counts in a frame of JSON is what was said; the whole of it is there for whoever points at it."""
    _, told = shown(1)

    heard = [line for line in told if line.row.get("kind") == "received" and line.look == "plain"]
    assert {line.label for line in heard} == {"~m1~"}
    assert heard[0].whole == """receives '{"user": "alice", "message": "~m1~"}'"""


def test_the_page_holds_every_event_of_a_long_history() -> None:
    """Transcript and picture are folded; behind them, each event that the report has is on the page."""
    catalogue = claims.load()
    report = written.large(catalogue, claims=3, transcripts=1, events=500)
    events = next(spec["events"] for spec in report["specs"] if spec["events"])

    page = html.page([report], catalogue)

    assert len(events) > 400
    for number in range(1, (len(events) - 15) // 3):
        assert page.count(f"says &#x27;~m{number}~&#x27;") >= 1


def test_a_history_too_long_for_a_report_says_so() -> None:
    """What the report does not hold either is a number on the page."""
    history = written.conversation(400)
    told = pieces.every(rows(history))

    (gap,) = [line for line in told if line.startswith("…")]
    assert int(gap.split()[1]) + len(told) - 1 == len(history.events)
    assert len(lines(history)) == 61


def test_a_page_grows_with_what_is_on_it() -> None:
    """Twice the events or the transcripts make no more than twice the page, counted in its elements and letters."""
    catalogue = claims.load()

    def size(claims: int, transcripts: int, events: int) -> int:
        return len(
            html.page([written.large(catalogue, claims=claims, transcripts=transcripts, events=events)], catalogue)
        )

    base = size(10, 0, 500)
    by_transcripts = [size(10, transcripts, 500) - base for transcripts in (2, 4, 8)]
    by_events = [size(10, 2, events) - base for events in (250, 500)]
    by_claims = [size(claims, 0, 500) for claims in (10, 20, 40)]
    assert by_transcripts[1] <= 2.1 * by_transcripts[0]
    assert by_transcripts[2] <= 2.1 * by_transcripts[1]
    assert by_events[1] <= 2.1 * by_events[0]
    assert by_claims[2] - by_claims[1] <= 2.5 * (by_claims[1] - by_claims[0])
