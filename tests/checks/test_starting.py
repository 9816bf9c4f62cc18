"""What is wrong with the ways to start a project, and with what an installation brings."""

from __future__ import annotations

from functools import partial

import pytest

from channels_conformance.checks import (
    Anomaly,
    Check,
    ended,
    frames_told,
    handshakes_crash,
    knocks_answered,
    logged,
    named,
    served,
)
from channels_conformance.history import Connection, Event, History, Kind

TRACEBACK = "Traceback\n  ...\ndaphne.E001: Daphne must be listed before staticfiles.\n"


def history(*events: Event) -> History:
    """Return a history of these events, in which every connection is one of a way of that name."""
    names = {event.connection for event in events if event.connection}
    connections = {name: Connection(id=name, client=name[:-2], worker=name[:-2]) for name in names}
    return History(connections=connections, events=list(events))


def event(kind: Kind, **more: object) -> Event:
    """Return an event of the first second."""
    return Event(at=1, kind=kind, **more)  # type: ignore[arg-type]


UP = history(
    event(Kind.STARTED, worker="runserver"),
    event(Kind.RESPONDED, worker="runserver", marker="/", code=200),
    event(Kind.RESPONDED, worker="runserver", marker="/a.css", code=404),
    event(Kind.ACCEPTED, connection="runserver#1"),
    event(Kind.LOGGED, worker="runserver", text="Starting ASGI/Daphne version 4"),
)
REFUSED = history(event(Kind.STARTED, worker="runserver"), event(Kind.REFUSED, connection="runserver#1", code=404))
UNANSWERED = history(event(Kind.STARTED, worker="runserver"), event(Kind.UNANSWERED, connection="runserver#1"))
ENDED = history(event(Kind.NOT_STARTED, worker="runserver", detail=TRACEBACK))
SILENT = history(event(Kind.NOT_STARTED, worker="runserver"))
OTHERS = history(
    event(Kind.RESPONDED, worker="runserver", marker="/", code=200),
    event(Kind.RESPONDED, worker="uvicorn", marker="/", code=500),
    event(Kind.NOT_STARTED, worker="daphne", detail=TRACEBACK),
)
NAMES = history(
    event(Kind.CONFIGURED, marker="requirement", text="django"),
    event(Kind.CONFIGURED, marker="requirement", text="asgiref"),
    event(Kind.CONFIGURED, marker="requirement", text="daphne", detail="daphne"),
)
KNOCKS = history(
    event(Kind.ACCEPTED, connection="/in/#1"),
    event(Kind.RECEIVED, connection="/in/#1", text='{"room": 7}'),
    event(Kind.REFUSED, connection="/out/#1", code=403),
    event(Kind.CRASHED, connection="/none/#1", detail="ValueError: No route found"),
)

GOOD: list[tuple[Check, History]] = [
    (partial(served, way="runserver", statuses={"/": 200, "/a.css": 404, "websocket": 101}), UP),
    (partial(served, way="runserver", statuses={"websocket": 404}), REFUSED),
    (partial(served, way="runserver", statuses={"/": 200}), OTHERS),
    (partial(logged, way="runserver", words="ASGI/Daphne"), UP),
    (partial(ended, way="runserver", words="daphne.E001"), ENDED),
    (partial(named, marker="requirement", detail="", exactly=("django", "asgiref")), NAMES),
    (partial(named, marker="requirement", exactly=("daphne",), others=True), NAMES),
    (partial(knocks_answered, accepted=["/in/"], refused=["/out/"], crashed={"/none/": "No route"}), KNOCKS),
    (partial(frames_told, frames={"/in/": '{"room": 7}'}), KNOCKS),
    (partial(handshakes_crash, error="TypeError"), history(event(Kind.CRASHED, detail="...\nTypeError: hosts"))),
]
BAD: list[tuple[Check, History, str]] = [
    (partial(served, way="runserver", statuses={"/": 200}), ENDED, "runserver: it ended before it served anything: da"),
    (partial(served, way="runserver", statuses={"/": 200}), SILENT, "before it served anything: its log says nothing"),
    (partial(served, way="runserver", statuses={"/a.css": 200}), UP, "/a.css was answered with 404, and must be with"),
    (partial(served, way="runserver", statuses={"/b.css": 200}), UP, "/b.css was answered with nothing, and must be"),
    (partial(served, way="runserver", statuses={"websocket": 404}), UP, "websocket was answered with 101, and must be"),
    (partial(served, way="runserver", statuses={"websocket": 101}), REFUSED, "websocket was answered with 404, and"),
    (partial(served, way="runserver", statuses={"websocket": 101}), UNANSWERED, "websocket was answered with nothing"),
    (partial(served, way="daphne", statuses={"websocket": 101}), UP, "daphne: websocket was answered with nothing"),
    (partial(logged, way="runserver", words="ASGI/Daphne"), REFUSED, "runserver: its log never says 'ASGI/Daphne'"),
    (partial(logged, way="daphne", words="ASGI/Daphne"), UP, "daphne: its log never says 'ASGI/Daphne'"),
    (partial(ended, way="runserver", words="daphne.E001"), UP, "runserver: it came up, and should have ended with"),
    (partial(ended, way="runserver", words="AppRegistry"), ENDED, "should have ended with 'AppRegistry', and did with"),
    (partial(ended, way="daphne", words="daphne.E001"), UP, "daphne: nobody knows how it started"),
    (
        partial(named, marker="requirement", exactly=("django", "asgiref")),
        NAMES,
        "is a requirement 'daphne' that was not there",
    ),
    (partial(named, marker="requirement", exactly=("twisted",), others=True), NAMES, "no requirement 'twisted' any mo"),
    (
        partial(named, marker="requirement", detail="daphne", exactly=("twisted",), others=True),
        NAMES,
        "there is no requirement 'twisted' of daphne any more",
    ),
    (partial(knocks_answered, accepted=["/out/"]), KNOCKS, "/out/ must be accepted, and was refused"),
    (partial(knocks_answered, refused=["/in/"]), KNOCKS, "/in/ must be refused, and was accepted"),
    (
        partial(knocks_answered, crashed={"/in/": "No route"}),
        KNOCKS,
        "/in/ must be crashed No route, and was accepted",
    ),
    (partial(knocks_answered, crashed={"/none/": "TypeError"}), KNOCKS, "was crashed ValueError: No route found"),
    (partial(knocks_answered, accepted=["/other/"]), KNOCKS, "/other/ must be accepted, and was never answered"),
    (partial(frames_told, frames={"/in/": "{}"}), KNOCKS, '/in/ must be told {}, and was told {"room": 7}'),
    (partial(frames_told, frames={"/out/": "{}"}), KNOCKS, "/out/ must be told {}, and was told nothing"),
    (partial(handshakes_crash, error="TypeError"), UP, "runserver#1 was accepted, and TypeError should have been rais"),
    (partial(handshakes_crash, error="TypeError"), KNOCKS, "/in/#1 was accepted"),
    (partial(handshakes_crash, error="TypeError"), REFUSED, "no handshake ended with TypeError"),
    (
        partial(handshakes_crash, error="TypeError"),
        history(event(Kind.CRASHED, connection="alice#1", detail="...\nValueError: hosts")),
        "no handshake ended with TypeError",
    ),
]


@pytest.mark.parametrize(("check", "good"), GOOD)
def test_what_is_as_it_should_be_is_not_found(check: Check, good: History) -> None:
    """A way that serves what it should, whatever another does, a start that ends as it should, and known names."""
    assert check(good) == []


@pytest.mark.parametrize(("check", "bad", "words"), BAD)
def test_what_is_otherwise_is_told(check: Check, bad: History, words: str) -> None:
    """The finding says what was seen, and blames how the project is started, and no connection."""
    (finding,) = check(bad)

    assert words in finding.sentence
    assert (finding.anomaly, finding.blame, finding.connection) == (Anomaly.MISCONFIGURED, "config", "")
