"""How the fleet tells a server that has ended, or hangs, from one that is well."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

import pytest

from channels_conformance.history import Connection, Event, History, Kind
from channels_conformance.services.processes import Process
from channels_conformance.services.servers import Server
from channels_conformance.subject.fleet import Fleet
from channels_conformance.traffic.client import ABNORMAL


class Ending:
    """A process whose end is told at once, or only to whoever waits for it, or not at all."""

    def __init__(self, *, at_once: int | None = None, late: int | None = None, answering: bool = True) -> None:
        self.at_once, self.late, self.answering = at_once, late, answering

    def wait(self, deadline: float) -> int | None:
        """Return how it ended, as far as that is told by then."""
        return self.late if deadline else self.at_once

    def log_text(self, since: int) -> str:
        """Return what it said last."""
        return "" if since else "started\nbye\n"

    def kill(self) -> None:
        """Be gone already."""


class Told(Server):
    """A server that answers, or does not, as its process has it."""

    def answers(self, deadline: float) -> bool:
        """Return whether it answers."""
        return cast("Ending", self.process).answering


def server(process: Ending) -> Server:
    """Return a server of this process."""
    return Told(name="uvicorn-1", host="", port=0, process=cast("Process", process), kind="uvicorn", version="0")


class Restarting(Fleet):
    """A fleet of one server, which notes what is started in its place."""

    def __init__(self, process: Ending) -> None:
        super().__init__(cast("Any", None), Path(), cast("Any", None))
        up: Future[Server] = Future()
        up.set_result(server(process))
        self.__dict__["_servers"] = [up]
        self.started: list[str] = []

    def serve(self, kind: Any, name: str, *_: Any, **__: Any) -> Server:
        """Start one that is well."""
        self.started.append(name)
        return server(Ending())


def fleet(*events: Event, **process: Any) -> Restarting:
    """Return a fleet of one server, of which a spec has seen this."""
    one = Restarting(Ending(**process))
    connections = {"alice#1": Connection(id="alice#1", client="alice", worker="uvicorn-1")}
    one.histories.append(History(connections=connections, events=[*events]))
    return one


def seen(kind: Kind, code: int | None = None) -> Event:
    """Return what alice saw."""
    return Event(at=1.0, kind=kind, connection="alice#1", code=code)


CUT_OFF = seen(Kind.CLOSED, ABNORMAL)
UNANSWERED = seen(Kind.UNANSWERED)


def buried(one: Restarting) -> list[str]:
    """Return what is told of the servers, and see that there is a new one for each that is told of, and no other."""
    one.bury()
    one.end()
    told = [finding.sentence for finding in one.deaths]
    assert one.started == ["uvicorn-1"] * len(told)
    return told


@pytest.mark.parametrize("event", [UNANSWERED, CUT_OFF], ids=["no answer", "cut off"])
def test_an_end_that_is_told_late_is_waited_for(event: Event) -> None:
    """A client sees its connection end before the process that held it has ended, and before anybody is told."""
    assert buried(fleet(event, late=5, answering=False)) == [
        "the server uvicorn-1 ended with status 5 while this was judged: bye"
    ]


def test_an_end_that_is_told_at_once_needs_no_suspicion() -> None:
    """Who had no connection to a server learns of its end as well."""
    assert buried(fleet(at_once=0)) == ["the server uvicorn-1 ended with status 0 while this was judged: bye"]


def test_a_server_that_answers_nothing_and_does_not_end_hangs() -> None:
    """It is ended, and told of."""
    assert buried(fleet(UNANSWERED, answering=False)) == [
        "the server uvicorn-1 answered nothing any more while this was judged: bye"
    ]


@pytest.mark.parametrize("event", [UNANSWERED, CUT_OFF], ids=["no answer", "cut off"])
def test_a_server_that_answers_is_well(event: Event) -> None:
    """That it left one handshake unanswered, or dropped one connection, is for the spec to judge."""
    assert buried(fleet(event)) == []


@pytest.mark.parametrize(
    "events",
    [(seen(Kind.CLOSED, 1000),), (CUT_OFF, seen(Kind.ABORTED)), (seen(Kind.RECEIVED),)],
    ids=["closed", "dropped by the client", "answered"],
)
def test_a_server_that_nobody_suspects_is_not_asked(events: tuple[Event, ...]) -> None:
    """What it does not answer then is not known; asking it would cost a second or two for nothing."""
    assert buried(fleet(*events, late=5, answering=False)) == []
