from channels_conformance.checks import connections_returned
from channels_conformance.history import Kind
from tests.checks.written import Script


def test_as_many_connections_as_threads_are_no_finding(play: Script) -> None:
    """A worker may keep a connection for each thread, and one that has use for none may keep none."""
    play.add(Kind.CONNECTIONS_HELD, worker="daphne-1", code=8, text="8")
    play.add(Kind.CONNECTIONS_HELD, worker="uvicorn-2", code=0, text="8")
    play.add(Kind.CONNECTIONS_HELD, worker="hypercorn-3", code=0, text="0")

    assert connections_returned(play.history) == []


def test_more_connections_than_threads_are_leaked(play: Script) -> None:
    """The finding names the worker, and counts."""
    held = play.add(Kind.CONNECTIONS_HELD, worker="daphne-1", code=9, text="8")

    (finding,) = connections_returned(play.history)

    assert finding.line() == "leaked: daphne-1 holds 9 database connections, and has use for 8 at most [app]"
    assert finding.evidence == (held,)


def test_a_transaction_left_open_is_leaked(play: Script) -> None:
    """A worker at rest has no transaction open, however few its connections are."""
    play.add(Kind.CONNECTIONS_HELD, worker="daphne-1", code=1, text="8")
    left = play.add(Kind.TRANSACTION_LEFT_OPEN, worker="daphne-1", detail="SELECT 1")

    (finding,) = connections_returned(play.history)

    assert finding.line() == "leaked: daphne-1 left a transaction open, after 'SELECT 1' [app]"
    assert finding.evidence == (left,)
