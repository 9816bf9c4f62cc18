"""Checks on what pages show and do."""

from __future__ import annotations

import pytest

from channels_conformance.checks import (
    Finding,
    pages_back_off,
    pages_come_back,
    pages_keep_order,
    pages_run_nothing,
    pages_show_all,
    pages_stay_away,
    pages_tell_their_state,
    schemes_agree,
    scripts_survive,
)
from channels_conformance.history import Connection, Event, History, Kind


class Windows:
    """A play on pages in the making."""

    def __init__(self, *clients: str) -> None:
        self.history = History()
        for client in clients:
            name, _, room = client.partition("@")
            key = f"{name}#1"
            self.history.connections[key] = Connection(
                id=key, client=name, user=name, endpoint="chat", audience=room or "lobby", hears="group"
            )

    def add(self, kind: Kind, client: str, text: str | None = None, **fields: object) -> None:
        """Append an event of a page."""
        event = Event(
            at=float(len(self.history.events)),
            kind=kind,
            connection=f"{client}#1",
            text=text,
            **fields,  # type: ignore[arg-type]
        )
        self.history.events.append(event)

    def say(self, client: str, text: str) -> None:
        """Type a text that holds a marker of the same word."""
        self.add(Kind.SAID, client, f"{text} ~{text}~", marker=f"~{text}~")

    def show(self, client: str, *texts: str, by: str = "alice") -> None:
        """Show what was said, in this order."""
        for text in texts:
            self.add(Kind.RECEIVED, client, f"{by} {text} ~{text}~")

    def state(self, client: str, text: str) -> None:
        """Say how the page is connected."""
        self.add(Kind.SHOWN, client, text, detail="status")


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    """Return the anomalies found, and the pages they were found on."""
    return [(finding.anomaly.value, finding.connection) for finding in findings]


def test_what_is_said_is_shown_once_on_each_page_of_the_room() -> None:
    """All pages of a room show it, and those of another room do not."""
    play = Windows("alice", "bob", "carol@hall")
    play.say("alice", "tea")
    play.show("alice", "tea")
    play.show("bob", "tea")

    assert pages_show_all(play.history) == []


def test_what_is_shown_twice_never_altered_or_elsewhere_is_found() -> None:
    """Each is found on the page that it happened on, and so is what nobody said."""
    play = Windows("alice", "bob", "carol", "dave@hall", "erin")
    play.say("alice", "tea")
    play.show("alice", "tea", "tea")
    play.add(Kind.RECEIVED, "carol", "alice t e a ~tea~")
    play.show("dave", "tea")
    play.show("erin", "tea")
    play.add(Kind.RECEIVED, "erin", "undefined undefined")

    found = pages_show_all(play.history)

    assert told(found) == [
        ("duplicated", "alice#1"),
        ("lost", "bob#1"),
        ("lost", "carol#1"),
        ("crossed", "dave#1"),
        ("unexpected", "erin#1"),
    ]
    assert [finding.sentence.split()[:4] for finding in found] == [
        ["the", "page", "of", name] for name in ("alice", "bob", "carol", "dave", "erin")
    ]


def test_each_speakers_order_is_kept_and_two_speakers_have_none() -> None:
    """Only what one user said out of order is found, and shown in the order in which it was said."""
    play = Windows("alice", "bob")
    for client, text in (("alice", "one"), ("bob", "two"), ("alice", "three")):
        play.say(client, text)
    play.show("alice", "two", "one", "three")
    assert pages_keep_order(play.history) == []

    play.say("alice", "four")  # which no page shows
    play.show("bob", "three", "two", "one")
    (found,) = pages_keep_order(play.history)
    assert told([found]) == [("reordered", "bob#1")]
    assert [event.marker for event in found.evidence] == ["~one~", "~three~"]


def test_a_page_that_tells_the_truth_is_believed() -> None:
    """It says that it is connected while it is, and after a close with which code."""
    play = Windows("alice")
    play.add(Kind.CONNECT, "alice")
    play.state("alice", "connecting")
    play.add(Kind.ACCEPTED, "alice")
    play.state("alice", "connected")
    play.add(Kind.CLOSED, "alice", code=1011)
    play.state("alice", "closed with code 1011")

    assert pages_tell_their_state(play.history) == []


@pytest.mark.parametrize(
    ("last", "code", "state", "anomaly"),
    [
        (Kind.CONNECT, None, "connected", "unexpected"),
        (Kind.ACCEPTED, None, "connecting", "unexpected"),
        (Kind.CLOSED, 1011, "closed", "lost"),
        (Kind.CLOSED, 1011, "connected", "lost"),
    ],
)
def test_a_page_that_does_not_is_found(last: Kind, code: int | None, state: str, anomaly: str) -> None:
    """Too early, too late, without the code, or not at all."""
    play = Windows("alice")
    play.add(last, "alice", code=code)
    play.state("alice", state)

    assert told(pages_tell_their_state(play.history)) == [(anomaly, "alice#1")]


def test_a_page_is_asked_for_its_own_connection_once_it_has_one() -> None:
    """No other page's close, no dialog, and nothing it says before it tries to connect is held against it."""
    play = Windows("alice", "bob")
    play.state("alice", "loading")
    play.add(Kind.ACCEPTED, "alice")
    play.add(Kind.CLOSED, "bob", code=1006)
    play.state("alice", "connected")
    play.add(Kind.SHOWN, "alice", "are you sure?", detail="dialog")

    assert pages_tell_their_state(play.history) == []


def test_a_page_must_come_back() -> None:
    """A close is no finding where a new connection of the same page follows."""
    play = Windows("alice", "bob")
    play.add(Kind.ACCEPTED, "alice")
    play.add(Kind.CLOSED, "alice", code=1006)
    play.add(Kind.ACCEPTED, "bob")
    assert told(pages_come_back(play.history)) == [("lost", "alice#1")]

    play.add(Kind.ACCEPTED, "alice")
    assert pages_come_back(play.history) == []


def test_a_page_that_runs_what_was_said_or_lets_an_exception_out_is_found() -> None:
    """A dialog is a proof that something ran; a failure of the script is one of its own."""
    play = Windows("alice")
    play.state("alice", "connected")
    assert pages_run_nothing(play.history) == scripts_survive(play.history) == []

    play.add(Kind.SHOWN, "alice", "run", detail="dialog")
    play.add(Kind.SCRIPT_FAILED, "alice", detail="SyntaxError")
    assert told(pages_run_nothing(play.history)) == [("admitted", "alice#1")]
    assert told(scripts_survive(play.history)) == [("crashed", "alice#1")]


def waits(**pages: list[int]) -> History:
    """Return a history of pages that waited so long."""
    play = Windows(*pages)
    for client, codes in pages.items():
        for code in codes:
            play.add(Kind.WAITED, client, code=code)
    return play.history


def test_waits_grow_and_differ() -> None:
    """Each page waits at least four times as long after five more failures, and each for a time of its own."""
    alice, bob = [700, 1400, 2900, 5100, 9000, 20000], [800, 1000, 1300, 1900, 2500, 3200]

    assert pages_back_off(waits(alice=alice, bob=bob)) == []


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        (
            {"alice": [1000, 1001, 1002, 1003, 1004, 1005, 1006], "bob": [1, 2, 4, 8, 16, 32]},
            [("unexpected", "alice#1", [1000, 1005])],
        ),
        ({"alice": [0] * 8}, [("unexpected", "alice#1", [0, 0])]),
        ({"alice": [1, 2]}, [("lost", "alice#1", [1, 2])]),
        ({"alice": [], "bob": []}, [("lost", "alice#1", []), ("lost", "bob#1", [])]),
        (
            {"alice": [3, 6, 12, 24, 48, 96], "bob": [1, 2, 4, 8, 16, 32], "carol": [1, 2, 4, 8, 16, 32]},
            [("unexpected", "bob#1", [1, 2, 4, 8, 16, 32])],
        ),
    ],
)
def test_waits_that_stay_short_or_are_alike_are_found(
    pages: dict[str, list[int]], found: list[tuple[str, str, list[int]]]
) -> None:
    """Equally long, none at all, and in step with another page; the waits that show it are the evidence."""
    findings = pages_back_off(waits(**pages))

    assert [(one.anomaly, one.connection, [event.code for event in one.evidence]) for one in findings] == found


def test_a_page_that_gives_up_too_soon_is_told_how_often_it_tried() -> None:
    """Its own attempts count, and nobody else's."""
    play = Windows("alice", "bob")
    for client in ("alice", "alice", "bob"):
        play.add(Kind.KNOCKED, client, "ws://127.0.0.1:1/", detail="http://127.0.0.1:1/")
    play.add(Kind.WAITED, "alice", code=1000)

    assert [finding.sentence for finding in pages_back_off(play.history)] == [
        "the page of alice tried 2 times in all, and waited 1 times",
        "the page of bob tried 1 times in all, and waited 0 times",
    ]


def test_who_is_signed_out_stays_away_and_says_so() -> None:
    """Neither another socket nor silence about it will do."""
    play = Windows("alice")
    play.add(Kind.KNOCKED, "alice", "ws://127.0.0.1:1/", detail="http://127.0.0.1:1/")
    play.state("alice", "signed out (code 4401)")
    assert pages_stay_away(play.history, knocks={"alice#1": 1}) == []
    assert told(pages_stay_away(play.history, knocks={"alice#1": 0})) == [("unexpected", "alice#1")]

    play.state("alice", "connecting")
    assert told(pages_stay_away(play.history, knocks={"alice#1": 1})) == [("lost", "alice#1")]
    # Who has not come back has not been told.
    assert pages_stay_away(play.history, knocks={"alice#1": 2}) == []


def test_who_is_signed_out_is_asked_for_its_own_sockets_and_words() -> None:
    """What another page opens or says, and a dialog, do not count; one that opened none may not be silent either."""
    play = Windows("alice", "bob", "carol")
    for client, state in (("alice", "signed out"), ("bob", "connected")):
        play.add(Kind.KNOCKED, client, "ws://127.0.0.1:1/", detail="http://127.0.0.1:1/")
        play.state(client, state)
    play.add(Kind.SHOWN, "alice", "are you sure?", detail="dialog")

    assert pages_stay_away(play.history, knocks={"alice#1": 1}) == []
    assert told(pages_stay_away(play.history, knocks={"carol#1": 0})) == [("lost", "carol#1")]


def test_a_sockets_scheme_is_that_of_its_page() -> None:
    """TLS for one means TLS for the other; a page that opens no socket proves nothing."""
    play = Windows("alice", "bob")
    play.add(Kind.KNOCKED, "alice", "wss://127.0.0.1:1/", detail="https://127.0.0.1:1/")
    play.add(Kind.KNOCKED, "bob", "ws://127.0.0.1:1/", detail="http://127.0.0.1:1/")
    assert schemes_agree(play.history) == []

    play.add(Kind.KNOCKED, "bob", "ws://127.0.0.1:1/", detail="https://127.0.0.1:1/")
    assert told(schemes_agree(play.history)) == [("unexpected", "bob#1")]
    assert told(schemes_agree(Windows("alice").history)) == [("lost", "alice#1")]
