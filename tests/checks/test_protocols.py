"""What is wrong with answers over HTTP, with streams, and with what an application tells of its server."""

from __future__ import annotations

from functools import partial

import pytest

from channels_conformance.checks import (
    Anomaly,
    Check,
    answers,
    held_back,
    raised,
    replied,
    streamed,
    told,
    told_the_same,
    typed,
    without_channel,
)
from channels_conformance.history import Event, History, Kind

CRASH = "Traceback (most recent call last):\n  ...\nValueError: this application does not speak telepathy\n"


def happened(*events: tuple[Kind, dict[str, object]]) -> History:
    """Return a history of these events, a second apart."""
    return History(
        events=[Event(at=at, kind=kind, **fields) for at, (kind, fields) in enumerate(events)]  # type: ignore[arg-type]
    )


def asked(name: str) -> tuple[Kind, dict[str, object]]:
    """Send a request."""
    return Kind.REQUESTED, {"marker": name, "text": "GET /"}


def answered(name: str, code: int, text: str = "", kind: str = "") -> tuple[Kind, dict[str, object]]:
    """Answer a request."""
    return Kind.RESPONDED, {"marker": name, "code": code, "text": text, "detail": kind}


def fact(name: str, value: str) -> tuple[Kind, dict[str, object]]:
    """Tell a fact."""
    return Kind.TOLD, {"marker": name, "text": value}


def said(marker: str) -> tuple[Kind, dict[str, object]]:
    """Tell the listeners of a stream something."""
    return Kind.SAID, {"connection": "teller#1", "marker": marker, "text": marker}


def heard(marker: str) -> tuple[Kind, dict[str, object]]:
    """Let a listener hear it."""
    return Kind.RECEIVED, {"connection": "alice#1", "text": marker}


def sent(name: str, *types: str) -> tuple[tuple[Kind, dict[str, object]], ...]:
    """Let an application that was called by a name send these events."""
    return tuple((Kind.ANSWERED, {"connection": name, "detail": kind}) for kind in types)


def crash(name: str) -> tuple[Kind, dict[str, object]]:
    """Let an application that was called by a name raise."""
    return Kind.CRASHED, {"connection": name, "detail": CRASH}


page = partial(replied, codes={"the page": {200}})
upgrade = partial(replied, codes={"the handshake": {101}})
lifespan = partial(answers, due={"a start": ("lifespan.startup.complete",)})
unknown = partial(raised, name="an unknown", words="telepathy")


@pytest.mark.parametrize(
    ("check", "history", "anomaly", "sentence"),
    [
        (page, happened(asked("the page")), Anomaly.UNANSWERED, "the page was not answered"),
        (page, happened(), Anomaly.UNANSWERED, "the page was never asked for"),
        (
            page,
            happened(asked("the page"), (Kind.NO_RESPONSE, {"marker": "the page", "detail": "it was cut off"})),
            Anomaly.UNANSWERED,
            "the page was not answered: it was cut off",
        ),
        (
            page,
            happened(asked("the page"), answered("the page", 500)),
            Anomaly.CRASHED,
            "the page was answered with HTTP 500",
        ),
        (
            page,
            happened(asked("the page"), answered("the page", 404)),
            Anomaly.UNEXPECTED,
            "the page was answered with HTTP 404",
        ),
        (
            page,
            happened(asked("the page"), answered("the page", 101)),
            Anomaly.ADMITTED,
            "the page was answered with HTTP 101",
        ),
        (
            upgrade,
            happened(asked("the handshake"), answered("the handshake", 400)),
            Anomaly.REFUSED,
            "the handshake was answered with HTTP 400",
        ),
        (
            typed,
            happened(answered("the page", 200, "hello")),
            Anomaly.LOST,
            "the answer to the page has a body and no Content-Type",
        ),
        (partial(told, facts={"the version": "1.1"}), happened(), Anomaly.LOST, "the version was never told"),
        (
            partial(told, facts={"the version": "1.1"}),
            happened(fact("the version", "1.1"), fact("the version", "2")),
            Anomaly.UNEXPECTED,
            "the version is '2', and not '1.1'",
        ),
        (partial(told_the_same, name="the thread"), happened(), Anomaly.LOST, "the thread was never told"),
        (
            partial(told_the_same, name="the thread"),
            happened(fact("the thread", "1"), fact("the thread", "2"), fact("the thread", "1")),
            Anomaly.UNEXPECTED,
            "the thread was told 3 times, with 2 values",
        ),
        (
            partial(held_back, until="the end"),
            happened(said("~a~"), asked("telling ~a~"), heard("~a~"), asked("the end"), heard("~b~")),
            Anomaly.UNEXPECTED,
            "~a~ arrived before the end was asked for",
        ),
        (
            partial(streamed, until="the end"),
            happened(said("~a~"), heard("~a~"), said("~b~"), asked("the end"), heard("~b~")),
            Anomaly.LATE,
            "~b~ was told, and had not arrived when the end was asked for",
        ),
        (
            lifespan,
            happened(),
            Anomaly.UNGRAMMATICAL,
            "a start was answered with nothing, and not with lifespan.startup.complete",
        ),
        (
            lifespan,
            happened(*sent("a start", "lifespan.startup.complete"), crash("a start")),
            Anomaly.CRASHED,
            "a start raised ValueError: this application does not speak telepathy",
        ),
        (unknown, happened(crash("another")), Anomaly.ADMITTED, "an unknown raised nothing"),
        (
            partial(raised, name="an unknown", words="clairvoyance"),
            happened(crash("an unknown")),
            Anomaly.UNEXPECTED,
            "an unknown raised ValueError: this application does not speak telepathy",
        ),
        (
            without_channel,
            happened((Kind.CHANNEL, {"connection": "alice#1", "detail": "specific.abc!1"})),
            Anomaly.UNEXPECTED,
            "a consumer was given the channel 'specific.abc!1'",
        ),
    ],
)
def test_what_is_wrong_is_said(check: Check, history: History, anomaly: Anomaly, sentence: str) -> None:
    """Each check names the one thing that is wrong."""
    (finding,) = check(history)

    assert (finding.anomaly, finding.sentence) == (anomaly, sentence)


@pytest.mark.parametrize(
    ("check", "history"),
    [
        (page, happened(asked("the page"), answered("the page", 200), answered("another", 500))),
        (typed, happened(answered("the page", 200, "hello", "text/plain"), answered("nothing", 204))),
        (partial(told, facts={"the version": "1.1"}), happened(fact("the version", "1.1"), fact("the thread", "5"))),
        (
            partial(told_the_same, name="the thread"),
            happened(fact("the thread", "1"), fact("the version", "2"), fact("the thread", "1")),
        ),
        (partial(held_back, until="the end"), happened(said("~a~"), asked("the end"), heard("~a~"))),
        (
            partial(streamed, until="the end"),
            happened(said("~a~"), asked("telling ~a~"), heard("~a~"), asked("the end")),
        ),
        (
            lifespan,
            happened(
                *sent("a start", "lifespan.startup.complete"), *sent("another", "websocket.accept"), crash("another")
            ),
        ),
        (unknown, happened(crash("an unknown"))),
        (without_channel, happened((Kind.INSTANCE, {"connection": "alice#1"}))),
    ],
)
def test_what_is_as_it_must_be_is_left_alone(check: Check, history: History) -> None:
    """What the checks are not about, and what is right, is no finding."""
    assert check(history) == []


@pytest.mark.parametrize(("check", "name"), [(lifespan, "a start"), (unknown, "an unknown")])
def test_an_application_is_shown_by_what_it_sent_itself(check: Check, name: str) -> None:
    """What another one sent is no evidence."""
    history = happened(
        *sent("another", "websocket.accept"), *sent(name, "lifespan.startup.failed"), *sent("another", "x")
    )

    (finding,) = check(history)

    assert [(event.connection, event.detail) for event in finding.evidence] == [(name, "lifespan.startup.failed")]


def test_a_stream_that_was_never_ended_is_held_back_by_nothing() -> None:
    """Without the end, all that arrived arrived before it."""
    (finding,) = held_back(happened(said("~a~"), heard("~a~")), until="the end")

    assert finding.connection == "alice#1"
