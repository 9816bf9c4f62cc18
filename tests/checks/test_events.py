"""What handlers do to the events that they are given."""

from channels_conformance.history import Kind
from tests.checks.written import Script, judge, only


def test_an_event_left_as_it_was_is_no_finding(lobby: Script) -> None:
    """A message that every member hears, its event untouched, is no finding."""
    lobby.say("alice", "one", heard_by="alice bob")

    assert judge(lobby.history) == {}


def test_a_changed_event_is_a_change(lobby: Script) -> None:
    """A handler that changed its event is named, with the event before and after."""
    change = lobby.add(Kind.EVENT_CHANGED, "bob", detail="{'a': 1} to {}")

    finding = only(lobby.history, "events_unchanged")

    assert finding.line() == "changed: the consumer of bob (uvicorn-2) changed the event {'a': 1} to {} [app]"
    assert (finding.connection, finding.evidence) == ("bob#1", (change,))
