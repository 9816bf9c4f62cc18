"""How the fleet tells a server that has ended, or hangs, from one that is well, and whom it waits for."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from channels_conformance.history import Connection, Event, History, Kind
from channels_conformance.services.processes import Process, ServiceError
from channels_conformance.services.servers import Server
from channels_conformance.spec import Violation
from channels_conformance.subject.fleet import Fleet
from channels_conformance.subject.profile import Endpoint, Profile, ServerKind
from channels_conformance.subject.subject import Subject
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


def server(process: Ending, name: str = "uvicorn-1") -> Server:
    """Return a server of this process."""
    return Told(name=name, host="", port=0, process=cast("Process", process), kind="uvicorn", version="0")


def up(how: Server | ServiceError) -> Future[Server]:
    """Return how a server has started."""
    future: Future[Server] = Future()
    if isinstance(how, ServiceError):
        future.set_exception(how)
    else:
        future.set_result(how)
    return future


class Restarting(Fleet):
    """A fleet of a server or two, the second of which never starts; it notes what is started in their place."""

    def __init__(self, process: Ending, *others: ServerKind) -> None:
        profile = SimpleNamespace(processes=("uvicorn", *others))
        super().__init__(cast("Profile", profile), Path(), cast("Any", None))
        self.__dict__["_servers"] = [up(server(process)), *(up(ServiceError("it does not start")) for _ in others)]
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


def test_an_end_that_is_noticed_before_anything_was_played_is_told() -> None:
    """With no history to show; what broke is no error of the kit's."""
    one = fleet(at_once=5)
    one.bury()
    one.end()
    one.histories.clear()

    with pytest.raises(Violation, match="the server uvicorn-1 ended with status 5") as told:
        Subject.player(cast("Subject", SimpleNamespace(run=one)), Endpoint(name="echo", path="/ws/echo/"))
    assert told.value.history.events == []


def test_who_needs_one_server_waits_for_no_other() -> None:
    """The first, or those of a kind; of a name that no server has, the first."""
    one = Restarting(Ending(), "daphne")

    assert [found.name for found in one.servers_of("uvicorn")] == ["uvicorn-1"]
    assert one.servers_of("granian") == []
    assert {one.server(name).name for name in ("", "uvicorn-1", "outside")} == {"uvicorn-1"}
    one.end()


def test_a_server_is_found_by_its_name() -> None:
    """Which was started for it, whoever came up first."""
    one = Restarting(Ending(), "uvicorn")
    one.__dict__["_servers"][1] = up(server(Ending(), "uvicorn-2"))

    assert one.server("uvicorn-2").name == "uvicorn-2"
    assert [found.name for found in one.servers_of("uvicorn")] == ["uvicorn-1", "uvicorn-2"]
    one.end()
