"""What an HTTP call tells an audience, in histories written by hand."""

import pytest

from channels_conformance.checks import pushes_heard, whole
from channels_conformance.history import Kind
from tests.checks.written import Script


def push(play: Script, *heard_by: str, to: str = "lobby", code: int = 200) -> None:
    """Make an HTTP call, and let what it tells be heard."""
    play.add(Kind.PUSHED, marker="~p1~", text="news ~p1~", detail=to, code=code)
    for client in heard_by:
        play.hear(client, "news ~p1~")


def test_all_who_are_there_hear_it_once(lobby: Script) -> None:
    """Nothing is found where each of the audience hears it once, and no other check takes it for anything else."""
    lobby.join("carol", "attic")
    push(lobby, "alice", "bob")

    assert pushes_heard(lobby.history) == []
    assert [found for check in whole for found in check(lobby.history)] == []


@pytest.mark.parametrize(
    ("heard_by", "line", "connection", "arrivals"),
    [
        (
            ("alice",),
            "lost: bob (uvicorn-2) never received 'news ~p1~' that an HTTP call told 'lobby' [app]",
            "bob#1",
            0,
        ),
        (
            ("alice", "bob", "bob"),
            "duplicated: bob (uvicorn-2) received 'news ~p1~' that an HTTP call told 'lobby' 2 times [app]",
            "bob#1",
            2,
        ),
        (
            ("alice", "bob", "carol"),
            "crossed: carol (daphne-1) received 'news ~p1~' that an HTTP call told 'lobby' [app]",
            "carol#1",
            1,
        ),
    ],
)
def test_who_does_not_hear_it_once_is_found(
    lobby: Script, heard_by: tuple[str, ...], line: str, connection: str, arrivals: int
) -> None:
    """It may not be lost, come twice, or come to somebody else; the call and what came of it show that."""
    lobby.join("carol", "attic")
    push(lobby, *heard_by)

    (found,) = pushes_heard(lobby.history)
    assert (found.line(), found.connection) == (line, connection)
    assert [event.kind for event in found.evidence] == [Kind.PUSHED, *[Kind.RECEIVED] * arrivals]
    assert {event.connection for event in found.evidence[1:]} <= {connection}


def test_it_must_come_as_it_was_told(lobby: Script) -> None:
    """A marker without the text is an altered message."""
    push(lobby, "alice")
    lobby.add(Kind.RECEIVED, "bob", text="~p1~")

    (found,) = pushes_heard(lobby.history)
    assert "arrived altered" in found.sentence


def test_who_came_later_is_owed_nothing(lobby: Script) -> None:
    """Only who took part when the call was made must hear of it."""
    push(lobby, "alice", "bob")
    lobby.join("carol")

    assert pushes_heard(lobby.history) == []


@pytest.mark.parametrize(
    ("code", "how"),
    [
        (403, "answered with HTTP 403"),
        (302, "answered with HTTP 302"),
        (300, "answered with HTTP 300"),
        (0, "not answered"),
    ],
)
def test_a_call_that_was_refused_told_nobody(lobby: Script, code: int, how: str) -> None:
    """An error, a redirect and silence are one finding, not one for each of the audience."""
    push(lobby, code=code)

    (found,) = pushes_heard(lobby.history)
    assert found.sentence == f"the HTTP call that was to tell 'lobby' something was {how}"
    assert [event.marker for event in found.evidence] == ["~p1~"]


def test_who_never_became_ready_may_be_owed_it_all_the_same(lobby: Script) -> None:
    """Where every call is lost nobody can prove to be ready; it is owed to whoever was accepted, if one asks so."""
    lobby.connect("carol")
    lobby.accept("carol")
    push(lobby, "alice", "bob")

    assert pushes_heard(lobby.history) == []
    (found,) = pushes_heard(lobby.history, takes_part_from=Kind.ACCEPTED)
    assert found.connection == "carol#1"


def test_what_is_meant_for_a_user_goes_to_that_user() -> None:
    """Where users are told, all connections of the user must hear it, wherever they are, and nobody else."""
    play = Script()
    play.join("alice", "", hears="user")
    play.join("alice's phone", "", hears="user", user="alice")
    play.join("bob", "", hears="user")
    push(play, "alice", "bob", to="alice")

    assert [found.line().partition(":")[0] for found in pushes_heard(play.history)] == ["lost", "crossed"]


def test_the_fence_of_who_can_say_nothing_is_heard_by_all() -> None:
    """Where nobody hears what clients say, a fence is an HTTP call, and crosses to nobody."""
    play = Script()
    play.join("alice", "", hears="nobody")
    play.join("bob", "", hears="nobody")
    play.fence("alice", heard_by="alice bob")

    assert [found for check in whole for found in check(play.history)] == []
