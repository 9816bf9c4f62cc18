import pytest

from channels_conformance.history import Kind
from tests.checks.written import Script, only


@pytest.mark.parametrize(
    ("kind", "check", "line"),
    [
        (Kind.ORM_ON_LOOP, "orm_on_loop", "blocked: a query ran on the event loop of daphne-1, serving {0}: in x()"),
        (Kind.LOOP_BLOCKED, "loop_blocked", "blocked: the event loop of daphne-1 stood still, serving {0}: in x()"),
        (Kind.UNAWAITED, "unawaited", "lost: a coroutine was never awaited in daphne-1, serving {0}: in x()"),
    ],
)
def test_what_an_instrument_saw_is_one_finding(lobby: Script, kind: Kind, check: str, line: str) -> None:
    """Each observation is one finding that names worker, client and the innermost line of the stack."""
    seen = lobby.add(kind, "alice", worker="daphne-1", detail="File x.py\n    in x()\n")

    finding = only(lobby.history, check)

    assert finding.line() == line.format("alice (daphne-1)") + " [app]"
    assert (finding.connection, finding.evidence) == ("alice#1", (seen,))


def test_what_was_seen_while_nobody_was_served_names_nobody(lobby: Script) -> None:
    """A worker has things of its own to do."""
    lobby.add(Kind.UNAWAITED, worker="daphne-1", detail="coroutine x was never awaited")

    assert only(lobby.history, "unawaited").sentence == (
        "a coroutine was never awaited in daphne-1: coroutine x was never awaited"
    )
