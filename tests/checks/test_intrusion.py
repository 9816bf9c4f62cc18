"""Who must be shut out, in histories written by hand."""

from collections.abc import Callable

import pytest

from channels_conformance.checks import (
    attributed,
    joined_no_group,
    kept_out,
    refused_before_accept,
    refused_without_a_crash,
    turned_away,
)
from channels_conformance.history import GONE, Kind
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


def test_who_is_let_in_breaks_another_claim_than_that_refusal_comes_first(lobby: Script) -> None:
    """Where some are refused, and before accept, one who is let in was refused in no way at all."""
    knock(lobby)
    lobby.add(Kind.REFUSED, "mallory", code=403)
    knock(lobby, accepted=True)
    lobby.add(Kind.ABORTED, "mallory")

    assert refused_before_accept(lobby.history, barred=["mallory#1", "mallory#2"]) == []
    assert [it.connection for it in turned_away(lobby.history, barred=["mallory#1", "mallory#2"])] == ["mallory#2"]


@pytest.mark.parametrize("end", [Kind.ABORTED, Kind.CLOSED])
def test_nobody_refused_and_refused_late_are_no_refusal_before_accept(lobby: Script, end: Kind) -> None:
    """A door that is open to all, and a close after accept, are found."""
    knock(lobby, accepted=True)
    lobby.add(end, "mallory", code=4401)

    assert [str(it.anomaly) for it in refused_before_accept(lobby.history, barred=BARRED)] == ["admitted"]


def test_a_declared_close_code_is_a_refusal(lobby: Script) -> None:
    """Being accepted and closed with a declared code turns an intruder away, unless it had to come before accept."""
    knock(lobby, accepted=True)
    lobby.add(Kind.CLOSED, "mallory", code=4401)

    assert turned_away(lobby.history, barred=BARRED, codes=[4401]) == []
    (late,) = turned_away(lobby.history, barred=BARRED, before_accept=True, codes=[4403])
    (other,) = turned_away(lobby.history, barred=BARRED, codes=[4409, 4403])
    assert late.sentence == "mallory (daphne-1) was let in though it is not entitled"
    assert other.sentence == "mallory (daphne-1) was refused with close code 4401, not with 4403, 4409"


def test_who_is_closed_upon_was_kept_out(lobby: Script) -> None:
    """A close after accept keeps an intruder out as well, and whether others are let in is not asked."""
    knock(lobby, accepted=True)
    lobby.add(Kind.CLOSED, "mallory", code=4401)
    lobby.connect("carol")
    lobby.add(Kind.REFUSED, "carol", code=403)
    assert kept_out(lobby.history, barred=BARRED) == []

    knock(lobby, accepted=True)
    lobby.abort("mallory")
    assert [it.connection for it in kept_out(lobby.history, barred=["mallory#1", "mallory#2"])] == ["mallory#2"]


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
    """HTTP 500 and no answer at all turn nobody away on purpose, however others end."""
    lobby.leave("alice")
    knock(lobby)
    lobby.add(kind, "mallory", code=code)

    assert [str(it.anomaly) for it in turned_away(lobby.history, barred=BARRED)] == [anomaly]


@pytest.mark.parametrize("code", [1011, 1006])
def test_a_crash_after_accept_is_no_refusal(lobby: Script, code: int) -> None:
    """Close code 1011, or no close frame at all, is what a server sends for an application that crashed."""
    knock(lobby, accepted=True)
    lobby.add(Kind.CLOSED, "mallory", code=code)

    assert [str(it.anomaly) for it in turned_away(lobby.history, barred=BARRED)] == ["crashed"]


def test_letting_nobody_in_is_no_refusal_of_intruders(lobby: Script) -> None:
    """Somebody entitled who is refused is found beside the intruder who rightly was."""
    knock(lobby)
    lobby.add(Kind.REFUSED, "mallory", code=403)
    lobby.connect("carol")
    lobby.add(Kind.REFUSED, "carol", code=403)

    assert [it.connection for it in turned_away(lobby.history, barred=BARRED)] == ["carol#1"]


def test_a_crash_of_the_disconnect_after_a_refusal_is_found(lobby: Script) -> None:
    """An exception counts once the application was told of the end; one in the handshake is another matter."""
    knock(lobby)
    lobby.add(Kind.CRASHED, "mallory", detail="Traceback\nKeyError: 'user'")
    assert refused_without_a_crash(lobby.history, barred=BARRED) == []

    told = lobby.add(Kind.DELIVERED, "mallory", detail="websocket.disconnect", code=1006)
    lobby.add(Kind.CRASHED, "alice", detail="Traceback\nValueError: of another")
    crash = lobby.add(Kind.CRASHED, "mallory", detail="Traceback\nAttributeError: group")
    (finding,) = refused_without_a_crash(lobby.history, barred=BARRED)

    assert finding.sentence == "after mallory (daphne-1) was refused, its disconnect crashed: AttributeError: group"
    assert finding.evidence == (told, crash)


def test_a_client_that_has_gone_crashes_no_disconnect(lobby: Script) -> None:
    """A handler that still sends when its client goes is ended by the server; once disconnect() has run it is not."""
    knock(lobby, accepted=True)
    lobby.add(Kind.DELIVERED, "mallory", detail="websocket.disconnect", code=1006)
    lobby.add(Kind.CRASHED, "mallory", detail="Traceback\nClientDisconnected", marker=GONE)
    assert refused_without_a_crash(lobby.history, barred=BARRED) == []

    lobby.add(Kind.DISCONNECT_RAN, "mallory", code=1006)
    lobby.add(Kind.CRASHED, "mallory", detail="Traceback\nClientDisconnected", marker=GONE)
    assert len(refused_without_a_crash(lobby.history, barred=BARRED)) == 1


def test_a_row_of_another_user_is_found(lobby: Script) -> None:
    """Whoever said something is whose row it is; the audience is not looked at, nor a user that is not told."""
    for word, detail in (("one", "'alice' in 'elsewhere'"), ("two", "None in 'lobby'"), ("three", "'bob' in 'lobby'")):
        lobby.say("alice", word, heard_by="alice bob")
        lobby.add(Kind.STORED, marker=f"~{word}~", detail=detail)

    assert [it.sentence for it in attributed(lobby.history)] == [
        "'three ~three~' that alice (daphne-1) said was stored as 'bob' in 'lobby', not as of 'alice'"
    ]


@pytest.mark.parametrize("end", [Script.leave, Script.abort], ids=["leaves", "drops"])
@pytest.mark.parametrize("kind", [Kind.RECEIVED, Kind.NOISE, Kind.ANSWERED])
def test_who_is_accepted_as_all_are_may_stay_if_it_takes_no_part(
    lobby: Script, kind: Kind, end: Callable[[Script, str], None]
) -> None:
    """Where everybody is accepted, a refusal in a frame, and whatever is nobody's message, turns an intruder away."""
    knock(lobby, accepted=True)
    lobby.add(kind, "mallory", text='{"error": "sign in"}', detail="websocket.send")
    lobby.add(Kind.FENCE, "mallory", marker="~f99~", text="~f99~")
    end(lobby, "mallory")

    assert turned_away(lobby.history, barred=BARRED, admits_all=True, told=True, codes=[4401]) == []
    assert [str(it.anomaly) for it in turned_away(lobby.history, barred=BARRED)] == ["admitted"]


@pytest.mark.parametrize("kind", [Kind.RECEIVED, Kind.ANSWERED])
def test_who_is_sent_a_message_takes_part(lobby: Script, kind: Kind) -> None:
    """Where everybody is accepted, a message that is sent to an intruder, its own or not, shows that it was let in."""
    knock(lobby, accepted=True)
    lobby.add(kind, "mallory", text="SAY ~f99~", detail="websocket.send")
    lobby.abort("mallory")

    (found,) = turned_away(lobby.history, barred=BARRED, admits_all=True)
    assert found.sentence == "mallory (daphne-1) was let in though it is not entitled: it was sent '~f99~'"


def test_who_is_in_a_group_takes_part(lobby: Script) -> None:
    """Where everybody is accepted, an intruder that a group holds was let in, and joined a group."""
    knock(lobby, accepted=True)
    lobby.add(Kind.MEMBER, "mallory", detail="room.1")
    lobby.abort("mallory")

    (admitted,) = turned_away(lobby.history, barred=BARRED, admits_all=True)
    (joined,) = joined_no_group(lobby.history, barred=BARRED)
    assert admitted.sentence.endswith("it is in room.1")
    assert joined.line() == "leaked: mallory (daphne-1) was to be shut out and was in room.1 [app]"
    assert joined_no_group(lobby.history, barred=[]) == []


def test_who_is_never_told_was_not_refused(lobby: Script) -> None:
    """An intruder that is accepted, told nothing and not closed was left in the dark, where it had to be told."""
    knock(lobby, accepted=True)
    lobby.add(Kind.ANSWERED, "mallory", detail="websocket.accept")
    lobby.abort("mallory")

    (found,) = turned_away(lobby.history, barred=BARRED, admits_all=True, told=True)
    assert found.sentence == "mallory (daphne-1) was accepted, and never told that it may not enter"
    assert [(it.kind, it.connection) for it in found.evidence] == [(Kind.ACCEPTED, "mallory#1")]
    assert turned_away(lobby.history, barred=BARRED, admits_all=True) == []


def test_a_close_tells_as_well(lobby: Script) -> None:
    """Who is accepted and closed has been told, however others end; so has who was never accepted."""
    lobby.leave("alice")
    knock(lobby, accepted=True)
    lobby.add(Kind.CLOSED, "mallory", code=4401)
    knock(lobby)
    lobby.add(Kind.REFUSED, "mallory", code=403)

    barred = ["mallory#1", "mallory#2"]
    assert turned_away(lobby.history, barred=barred, admits_all=True, told=True, codes=[4401]) == []


def test_who_is_entitled_must_still_be_let_in_where_all_are_accepted(lobby: Script) -> None:
    """Where everybody is accepted, refusing somebody entitled is found all the same."""
    lobby.connect("carol")
    lobby.add(Kind.REFUSED, "carol", code=403)

    assert [str(it.anomaly) for it in turned_away(lobby.history, barred=[], admits_all=True)] == ["refused"]
