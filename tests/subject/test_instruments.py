"""The instruments see what no client can, say whose it is, and accuse nobody who did right."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).with_name("watched.py")
DEADLINE = 60  # seconds after which the program has hung

Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def programs() -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Start both halves of the watched program, each in a process of its own, side by side."""
    programs = {
        half: subprocess.Popen(
            [sys.executable, str(PROGRAM), half], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for half in ("consumers", "loops")
    }
    yield programs
    for program in programs.values():
        with program:
            program.kill()


@pytest.fixture(scope="module")
def ended(programs: dict[str, subprocess.Popen[str]]) -> Callable[[str], tuple[dict[str, Events], str]]:
    """Give what a half of the program printed, and what it wrote to its standard error."""
    told: dict[str, tuple[dict[str, Events], str]] = {}

    def ended(half: str) -> tuple[dict[str, Events], str]:
        if half not in told:
            output, errors = programs[half].communicate(timeout=DEADLINE)
            assert programs[half].returncode == 0, errors
            told[half] = json.loads(output), errors
        return told[half]

    return ended


Ended = Callable[[str], tuple[dict[str, Events], str]]


@pytest.fixture
def watched(ended: Ended) -> dict[str, Events]:
    """Give what was reported of consumers, coroutines and queries, a list for each scenario."""
    return ended("consumers")[0]


@pytest.fixture
def loops(ended: Ended) -> dict[str, Events]:
    """Give how the loop was accused, a list for each scenario."""
    return ended("loops")[0]


def only(events: Events, kind: str) -> Events:
    """Return the events of one kind."""
    return [event for event in events if event["kind"] == kind]


def test_a_query_on_a_thread_is_named_with_its_thread(watched: dict[str, Events]) -> None:
    """A query that database_sync_to_async makes is reported with the thread on which old connections are closed too."""
    events = watched["queries_on_a_thread"]

    (query,) = only(events, "query")
    assert query["marker"] in {event["marker"] for event in only(events, "old closed")}
    assert only(events, "orm on loop") == []


def test_a_query_of_a_sync_consumer_is_no_query_on_the_loop(watched: dict[str, Events]) -> None:
    """Channels runs a synchronous consumer on a thread, where it may ask the database."""
    assert len(only(watched["sync"], "query")) == 1
    assert only(watched["sync"], "orm on loop") == []


def test_a_frame_is_handled_on_the_loop_or_in_a_thread(watched: dict[str, Events]) -> None:
    """Each frame is reported as a handler begins with it: where, in which thread, and on which loop if on one."""
    (on_loop,) = only(watched["queries_on_a_thread"], "handling")
    (in_thread,) = only(watched["sync"], "handling")

    assert (on_loop["text"], in_thread["text"]) == ("loop", "thread")
    assert on_loop["detail"]
    assert not in_thread["detail"]
    assert on_loop["marker"] != in_thread["marker"] == only(watched["sync"], "query")[0]["marker"]


def test_a_query_on_the_loop_is_seen(watched: dict[str, Events]) -> None:
    """A query on the loop is reported with the code that made it, even where Django was told to allow it."""
    (found,) = only(watched["queries_on_the_loop"], "orm on loop")

    assert "in queries_on_the_loop" in found["detail"]
    assert only(watched["queries_on_the_loop"], "query") == []


def test_a_query_that_was_refused_and_hidden_is_seen(watched: dict[str, Events]) -> None:
    """Django's refusal is reported although the consumer catches it, and the consumer still can."""
    (found,) = only(watched["swallows_the_refusal"], "orm on loop")

    assert "in swallows_the_refusal" in found["detail"]
    assert only(watched["swallows_the_refusal"], "crashed") == []


def test_a_coroutine_that_nobody_awaited_is_seen(ended: Ended) -> None:
    """It is named under its connection, and the interpreter warns as it always did."""
    watched, errors = ended("consumers")

    (found,) = only(watched["forgets_an_await"], "unawaited")
    assert found["detail"] == "coroutine AsyncWebsocketConsumer.send was never awaited"
    assert "RuntimeWarning: coroutine 'AsyncWebsocketConsumer.send' was never awaited" in errors


def test_an_event_that_a_handler_changed_is_seen(watched: dict[str, Events]) -> None:
    """A layer event that is not as it was given is reported, from what to what; one that is stays untold."""
    (found,) = only(watched["changes_an_event"], "event changed")

    assert found["detail"] == (
        "{'type': 'shared', 'body': {'text': 'as sent'}} to {'type': 'shared', 'body': {'text': 'changed'}}"
    )
    assert only(watched["keeps_an_event"], "event changed") == []


@pytest.mark.parametrize(("scenario", "code"), [("queries_on_a_thread", 4123), ("sync", None), ("raw", 4001)])
def test_disconnect_is_counted_with_its_code(watched: dict[str, Events], scenario: str, code: int | None) -> None:
    """A consumer is reported to be told of its end once, whatever it calls of its base classes, and with which code."""
    assert [event["code"] for event in only(watched[scenario], "disconnect ran")] == [code]


def test_each_connection_has_an_instance_of_its_own(watched: dict[str, Events]) -> None:
    """Each connection's consumer is named, and no two that as_asgi() made are one."""
    instances = [event for name, events in watched.items() if name != "reused" for event in only(events, "instance")]

    assert len({event["marker"] for event in instances}) == len(instances) == 8
    assert {event["detail"] for event in instances} == {"Consumer", "RawConsumer", "SyncConsumer"}


def test_an_instance_that_serves_two_connections_is_the_same(watched: dict[str, Events]) -> None:
    """One consumer object under two connections is reported with one identity."""
    first, second = only(watched["reused"], "instance")

    assert first["marker"] == second["marker"]
    assert (first["connection"], second["connection"]) == ("first", "second")


def test_a_channel_is_told_once_before_anything_is_answered(watched: dict[str, Events]) -> None:
    """The consumer's channel is named, with the alias of its layer, before its first answer."""
    events = watched["keeps_an_event"]

    (channel,) = only(events, "channel")
    assert channel["marker"] == "default"
    assert channel["detail"].startswith("specific.")
    assert events.index(channel) < events.index(only(events, "answered")[0])


def test_a_connection_of_somebody_else_is_not_watched(watched: dict[str, Events]) -> None:
    """Without our header nothing is reported, whatever the consumer does."""
    assert watched["unnamed"] == []


@pytest.mark.parametrize("scenario", ["sleeps_on_the_loop", "computes_on_the_loop"])
def test_a_loop_that_stands_still_is_accused_once(loops: dict[str, Events], scenario: str) -> None:
    """A loop that sleeps or computes inside one call is reported once, with the code that holds it."""
    (accused,) = loops[scenario]

    assert f"in {scenario}" in accused["detail"]


@pytest.mark.parametrize("scenario", ["awaits", "computes_on_a_thread", "between", "is_not_woken"])
def test_a_loop_that_comes_round_is_not_accused(loops: dict[str, Events], scenario: str) -> None:
    """Waiting by await, computing on a thread, and a loop that nobody runs or wakes just now, block nobody."""
    assert loops[scenario] == []
