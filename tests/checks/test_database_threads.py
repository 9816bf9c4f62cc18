import pytest

from channels_conformance.checks import old_connections_closed, orm_on_loop, orm_unguarded, pings_answered
from channels_conformance.history import Event, Kind
from tests.checks.written import Script, judge


def message(play: Script, *seen: str) -> list[Event]:
    """Let alice's worker be given a message, and its threads be seen at work: ``"closed 1"``, ``"query 1"``."""
    play.add(Kind.DELIVERED, "alice", worker="daphne-1", detail="websocket.receive")
    return work(play, *seen)


def work(play: Script, *seen: str, worker: str = "daphne-1") -> list[Event]:
    """Let threads of a worker be seen at work, and return what was seen."""
    kinds = {"query": Kind.QUERY, "closed": Kind.OLD_CLOSED}
    return [play.add(kinds[what], "alice", worker=worker, marker=thread) for what, thread in map(str.split, seen)]


@pytest.fixture
def alone(play: Script) -> Script:
    """Return a script in which alice has connected."""
    play.connect("alice")
    play.accept("alice")
    return play


def test_a_thread_that_closes_old_connections_around_each_message_is_no_finding(alone: Script) -> None:
    """Old connections may be closed before or after the queries, and each message may have its own thread."""
    message(alone, "closed 1", "query 1", "query 1", "closed 1")
    message(alone, "closed 1", "query 1")
    message(alone, "query 2")
    message(alone, "closed 1", "query 1", "closed 1")

    assert old_connections_closed(alone.history) == []


def test_what_a_handler_does_late_may_fall_into_the_next_message(alone: Script) -> None:
    """A query that follows the answer is counted for the next message, and needs no closing of its own."""
    message(alone, "closed 1", "query 1")
    message(alone, "query 1", "closed 1", "query 1")
    message(alone, "query 1", "closed 1", "query 1")

    assert old_connections_closed(alone.history) == []


def test_a_thread_that_never_closes_has_leaked(alone: Script) -> None:
    """What another thread closes does not help, nor one of the same number in another worker."""
    alone.connect("bob")
    first, _ = message(alone, "query 1", "query 1")
    work(alone, "closed 1", worker="uvicorn-2")
    *_, last = message(alone, "closed 2", "query 1", "query 1")

    (finding,) = old_connections_closed(alone.history)

    assert finding.line() == (
        "leaked: a thread of daphne-1 used its database connection for two messages of alice (daphne-1) "
        "and never closed what is old [app]"
    )
    assert (finding.connection, finding.evidence) == ("alice#1", (first, last))


def test_closing_for_the_message_after_the_next_is_too_late(alone: Script) -> None:
    """A thread has the time of two messages, and no more."""
    (first,) = message(alone, "query 1")
    (second,) = message(alone, "query 1")
    message(alone, "closed 1", "query 1")

    (finding,) = old_connections_closed(alone.history)

    assert finding.evidence == (first, second)


def test_a_thread_that_serves_one_message_owes_no_closing(alone: Script) -> None:
    """A handshake is no message, and a thread of the same number in another worker is another thread."""
    work(alone, "query 1")
    message(alone, "query 1")
    message(alone)
    work(alone, "query 1", worker="uvicorn-2")

    assert old_connections_closed(alone.history) == []


def test_a_query_that_was_refused_did_not_run(lobby: Script) -> None:
    """A query refused by Django is one on the loop, and none that was let through."""
    lobby.add(Kind.ORM_ON_LOOP, "alice", text="refused", detail="in x()")

    assert len(orm_on_loop(lobby.history)) == 1
    assert orm_unguarded(lobby.history) == []


def test_a_query_that_ran_on_the_loop_was_let_through(lobby: Script) -> None:
    """A query that ran on the loop is found by both checks."""
    lobby.add(Kind.ORM_ON_LOOP, "alice", text="reads", detail="in x()")

    assert len(orm_on_loop(lobby.history)) == 1
    assert [finding.anomaly for finding in orm_unguarded(lobby.history)] == ["blocked"]


def test_a_ping_wants_a_pong(lobby: Script) -> None:
    """Each ping is answered, and by nothing that came before it or to somebody else."""
    lobby.add(Kind.PING, "bob")
    lobby.add(Kind.PONG, "bob")
    unanswered = lobby.add(Kind.PING, "bob")
    lobby.add(Kind.PING, "alice")
    lobby.add(Kind.PONG, "alice")
    assert judge(lobby.history) == {}

    (finding,) = pings_answered(lobby.history)

    assert finding.sentence == "bob (uvicorn-2) sent a ping that was never answered"
    assert (finding.connection, finding.evidence) == ("bob#1", (unanswered,))
