"""Who must be shut out, in histories written by hand."""

import pytest

from channels_conformance.checks import attributed, refused_without_a_crash, shut_out, turned_away
from channels_conformance.history import Kind
from tests.checks.written import Script

BARRED = ["mallory#1"]


def knock(play: Script, *, accepted: bool = False) -> None:
    """Begin the handshake of somebody who must not be let in."""
    play.connect("mallory", user="")
    play.add(Kind.DELIVERED, "mallory", detail="websocket.connect")
    if accepted:
        play.add(Kind.ACCEPTED, "mallory")


def test_a_refusal_before_accept_is_a_refusal(lobby: Script) -> None:
    """An HTTP status of the client's own fault turns an intruder away."""
    knock(lobby)
    lobby.add(Kind.REFUSED, "mallory", code=403)

    assert turned_away(lobby.history, barred=BARRED, before_accept=True) == []


def test_a_declared_close_code_is_a_refusal(lobby: Script) -> None:
    """Being accepted and closed with a declared code turns an intruder away, unless it had to come before accept."""
    knock(lobby, accepted=True)
    lobby.add(Kind.CLOSED, "mallory", code=4401)

    assert turned_away(lobby.history, barred=BARRED, codes=[4401]) == []
    (late,) = turned_away(lobby.history, barred=BARRED, before_accept=True)
    (other,) = turned_away(lobby.history, barred=BARRED, codes=[4403])
    assert late.sentence == "mallory (daphne-1) was let in though it is not entitled"
    assert other.sentence == "mallory (daphne-1) was refused with close code 4401, not with 4403"


@pytest.mark.parametrize("end", [Kind.LEAVING, Kind.ABORTED])
def test_an_intruder_that_goes_by_itself_was_let_in(lobby: Script, end: Kind) -> None:
    """A close that the client asked for is no refusal."""
    knock(lobby, accepted=True)
    lobby.add(end, "mallory")
    lobby.add(Kind.CLOSED, "mallory", code=1000)

    assert [str(it.anomaly) for it in turned_away(lobby.history, barred=BARRED)] == ["admitted"]


@pytest.mark.parametrize(
    ("kind", "code", "anomaly"),
    [(Kind.REFUSED, 500, "crashed"), (Kind.UNANSWERED, None, "unanswered")],
)
def test_a_crash_and_silence_are_no_refusal(lobby: Script, kind: Kind, code: int | None, anomaly: str) -> None:
    """HTTP 500 and no answer at all turn nobody away on purpose."""
    knock(lobby)
    lobby.add(kind, "mallory", code=code)

    assert [str(it.anomaly) for it in turned_away(lobby.history, barred=BARRED)] == [anomaly]


def test_a_crash_after_accept_is_no_refusal(lobby: Script) -> None:
    """Close code 1011 is what a server sends for an application that crashed."""
    knock(lobby, accepted=True)
    lobby.add(Kind.CLOSED, "mallory", code=1011)

    assert [str(it.anomaly) for it in turned_away(lobby.history, barred=BARRED)] == ["crashed"]


def test_letting_nobody_in_is_no_refusal_of_intruders(lobby: Script) -> None:
    """Somebody entitled who is refused is found beside the intruder who rightly was."""
    knock(lobby)
    lobby.add(Kind.REFUSED, "mallory", code=403)
    lobby.connect("carol")
    lobby.add(Kind.REFUSED, "carol", code=403)

    assert [it.connection for it in turned_away(lobby.history, barred=BARRED)] == ["carol#1"]


def test_an_intruder_that_is_ignored_is_shut_out(lobby: Script) -> None:
    """What members say among themselves, and what an intruder says to nobody, is no finding."""
    knock(lobby, accepted=True)
    lobby.say("mallory", "in")
    lobby.say("alice", "members", heard_by="alice bob")

    assert shut_out(lobby.history, barred=BARRED) == []


def test_an_intruder_that_is_heard_is_found(lobby: Script) -> None:
    """A member that hears an intruder is found, once for each message."""
    knock(lobby, accepted=True)
    lobby.say("mallory", "in", heard_by="alice")

    (finding,) = shut_out(lobby.history, barred=BARRED)

    assert (
        finding.line() == "leaked: alice (daphne-1) heard 'in ~in~' of mallory (daphne-1), who was to be shut out [app]"
    )


def test_an_intruder_that_is_stored_is_found(lobby: Script) -> None:
    """A row that holds what an intruder said is found."""
    knock(lobby, accepted=True)
    lobby.say("mallory", "in")
    lobby.add(Kind.STORED, marker="~in~", detail="'' in 'lobby'")

    (finding,) = shut_out(lobby.history, barred=BARRED)

    assert finding.sentence == "a row holds 'in ~in~' that mallory (daphne-1) said, who was to be shut out"


def test_what_an_intruder_is_sent_is_found_though_it_never_arrives(lobby: Script) -> None:
    """An application that sends to a connection it refused has leaked, whether the server lets it through or not."""
    knock(lobby)
    lobby.add(Kind.REFUSED, "mallory", code=403)
    text = lobby.say("alice", "members", heard_by="alice bob")
    lobby.add(Kind.ANSWERED, "mallory", detail="websocket.send", text=text)

    (finding,) = shut_out(lobby.history, barred=BARRED)

    assert finding.sentence == (
        "mallory (daphne-1) was to be shut out and was sent 'members ~members~' that alice (daphne-1) said"
    )


def test_a_crash_of_the_disconnect_after_a_refusal_is_found(lobby: Script) -> None:
    """An exception counts once the application was told of the end; one in the handshake is another matter."""
    knock(lobby)
    lobby.add(Kind.CRASHED, "mallory", detail="Traceback\nKeyError: 'user'")
    assert refused_without_a_crash(lobby.history, barred=BARRED) == []

    lobby.add(Kind.DELIVERED, "mallory", detail="websocket.disconnect", code=1006)
    lobby.add(Kind.CRASHED, "mallory", detail="Traceback\nAttributeError: group")
    (finding,) = refused_without_a_crash(lobby.history, barred=BARRED)

    assert finding.sentence == ("after mallory (daphne-1) was refused, its disconnect crashed: AttributeError: group")


def test_a_row_of_another_user_is_found(lobby: Script) -> None:
    """Whoever said something is whose row it is; the audience is not looked at, nor a user that is not told."""
    for word, detail in (("one", "'alice' in 'elsewhere'"), ("two", "None in 'lobby'"), ("three", "'bob' in 'lobby'")):
        lobby.say("alice", word, heard_by="alice bob")
        lobby.add(Kind.STORED, marker=f"~{word}~", detail=detail)

    assert [it.sentence for it in attributed(lobby.history)] == [
        "'three ~three~' that alice (daphne-1) said was stored as 'bob' in 'lobby', not as of 'alice'"
    ]
