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
    lobby.add(kind, "alice", worker="daphne-1", detail="File x.py\n    in x()\n")

    assert only(lobby.history, check).line() == line.format("alice (daphne-1)") + " [app]"
