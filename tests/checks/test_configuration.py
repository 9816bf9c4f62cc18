"""What is wrong with settings, as they come out."""

from __future__ import annotations

import pytest

from channels_conformance.checks import (
    Anomaly,
    Check,
    groups_outlast_connections,
    layers_made,
    origins_named,
    started,
    system_checks_pass,
    waits_outlast_reads,
    websockets_named,
)
from channels_conformance.history import Event, History, Kind

DEFAULT = 'CHANNEL_LAYERS["default"]'


def configured(**values: str) -> History:
    """Return a history in which these settings of one place come to these values."""
    events = [
        Event(at=1, kind=Kind.CONFIGURED, marker=name, text=text, detail=DEFAULT) for name, text in values.items()
    ]
    return History(events=events)


@pytest.mark.parametrize(
    ("check", "history", "words"),
    [
        (
            waits_outlast_reads,
            configured(brpop_timeout="5", socket_timeout="5.0"),
            "socket_timeout of 5.0 s and waits 5 s",
        ),
        (waits_outlast_reads, configured(brpop_timeout="5", socket_timeout="0.5"), "every idle connection is cut off"),
        (groups_outlast_connections, configured(group_expiry="3600"), "forgets a group's members after 3600 s"),
        (origins_named, configured(origins="shop.example *"), 'lets "*" in'),
    ],
)
def test_a_setting_that_bites_is_named(check: Check, history: History, words: str) -> None:
    """The finding names the place and the value, and blames the configuration."""
    (finding,) = check(history)

    assert words in finding.sentence
    assert finding.sentence.startswith(DEFAULT)
    assert (finding.anomaly, finding.blame) == (Anomaly.MISCONFIGURED, "config")
    assert finding.evidence == (history.events[-1],)


@pytest.mark.parametrize(
    ("check", "history"),
    [
        (waits_outlast_reads, configured(brpop_timeout="5", socket_timeout="none")),
        (waits_outlast_reads, configured(brpop_timeout="5", socket_timeout="10")),
        (waits_outlast_reads, configured(socket_timeout="1")),
        (groups_outlast_connections, configured(group_expiry="86400")),
        (groups_outlast_connections, configured()),
        (origins_named, configured(origins="shop.example *.shop.example")),
    ],
)
def test_a_setting_that_does_not_bite_is_not(check: Check, history: History) -> None:
    """A layer that waits in no socket, a wide enough limit and a pattern with a name in it are good."""
    assert check(history) == []


@pytest.mark.parametrize(
    ("check", "marker", "text", "words"),
    [
        (layers_made, "unmade", "TypeError: hosts", "here cannot be made, and every handshake of a consumer that uses"),
        (system_checks_pass, "system check", "Daphne must be listed before", "manage.py check ends with here: Daphne"),
        (websockets_named, "ASGI_APPLICATION", "serves HTTP alone", "ASGI_APPLICATION serves HTTP alone: here"),
    ],
)
def test_what_cannot_work_is_named(check: Check, marker: str, text: str, words: str) -> None:
    """What a setting came to is told in its own words."""
    (finding,) = check(History(events=[Event(at=1, kind=Kind.CONFIGURED, marker=marker, text=text, detail="here")]))

    assert finding.sentence.startswith(words)
    assert (finding.anomaly, finding.blame) == (Anomaly.MISCONFIGURED, "config")


def test_what_works_is_not_named() -> None:
    """An application that takes WebSockets is good, and so are layers that could be made."""
    application = Event(at=1, kind=Kind.CONFIGURED, marker="ASGI_APPLICATION", text="takes WebSockets", detail="here")
    history = History(events=[*configured(group_expiry="86400").events, application])

    assert [*layers_made(history), *system_checks_pass(history), *websockets_named(history)] == []


def test_settings_of_one_layer_are_not_held_against_another() -> None:
    """What one layer waits is compared with its own reads."""
    history = configured(brpop_timeout="5", socket_timeout="none")
    history.events.append(Event(at=1, kind=Kind.CONFIGURED, marker="socket_timeout", text="1", detail="elsewhere"))

    assert waits_outlast_reads(history) == []


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("Traceback\n  ...\nAppRegistryNotReady: no.\n", "AppRegistryNotReady: no."),
        ("", "its log says nothing"),
        ("\n", "its log says nothing"),
    ],
)
def test_a_server_that_did_not_start_is_told_by_its_last_words(log: str, words: str) -> None:
    """The last line of its log is the exception, if there is any."""
    ended = Event(at=1, kind=Kind.NOT_STARTED, worker="daphne-1", detail=log)
    history = History(events=[Event(at=1, kind=Kind.STARTED, worker="uvicorn-2"), ended])

    (finding,) = started(history)

    assert finding.sentence == f"daphne-1 could not import the application: {words}"
    assert (finding.anomaly, finding.blame, finding.evidence) == (Anomaly.CRASHED, "app", (ended,))
