"""What was heard, said and stored of who must be shut out, in histories written by hand."""

import pytest

from channels_conformance.checks import shut_out
from channels_conformance.history import Kind
from tests.checks.written import Script

BARRED = ["mallory#1"]


def come_in(play: Script) -> None:
    """Let somebody who must be shut out be accepted."""
    play.connect("mallory", user="")
    play.add(Kind.ACCEPTED, "mallory")


@pytest.fixture
def let_in(lobby: Script) -> Script:
    """Return a script in which one who must be shut out was accepted beside the members of the lobby."""
    come_in(lobby)
    return lobby


def test_an_intruder_that_is_ignored_is_shut_out(let_in: Script) -> None:
    """What members say among themselves, and what an intruder says to nobody but itself, is no finding."""
    let_in.say("mallory", "in", heard_by="mallory")
    let_in.say("alice", "members", heard_by="alice bob")

    assert shut_out(let_in.history, barred=BARRED) == []


def test_an_intruder_that_is_heard_is_found(let_in: Script) -> None:
    """A member that hears an intruder is found, once for each message."""
    let_in.say("mallory", "in", heard_by="alice")

    (finding,) = shut_out(let_in.history, barred=BARRED)

    assert (
        finding.line() == "leaked: alice (daphne-1) heard 'in ~in~' of mallory (daphne-1), who was to be shut out [app]"
    )


def test_what_members_are_sent_of_an_intruder_counts_where_it_arrives(let_in: Script) -> None:
    """What the application sends to a member, and the member is never given, was heard by nobody."""
    text = let_in.say("mallory", "in")
    let_in.add(Kind.ANSWERED, "alice", detail="websocket.send", text=text)

    assert shut_out(let_in.history, barred=BARRED) == []


def test_an_intruder_that_hears_is_found_once_for_each_message(let_in: Script) -> None:
    """What is sent to an intruder and arrives there is one finding, about who said it and where it went out."""
    come_in(let_in)
    for text in ("one", "two"):
        let_in.say("alice", text)
        for intruder in ("mallory#1", "mallory#2"):
            let_in.hear(intruder, f"~{text}~")

    found = shut_out(let_in.history, barred=["mallory#1", "mallory#2"])

    assert [(it.connection, [event.kind for event in it.evidence]) for it in found] == [
        (intruder, [Kind.SAID, Kind.ANSWERED]) for intruder in ("mallory#1", "mallory#2") * 2
    ]
    assert [it.evidence[0].text for it in found] == ["one ~one~"] * 2 + ["two ~two~"] * 2


def test_what_an_intruder_hears_of_a_task_was_meant_for_its_user(let_in: Script) -> None:
    """Where no client said it, whoever it was meant for is named."""
    let_in.queue("alice", "report", heard_by="alice mallory")

    (finding,) = shut_out(let_in.history, barred=BARRED)

    assert finding.sentence.endswith("was sent 'report ~report~' that was meant for alice")


def test_what_was_said_before_an_intruder_came_is_no_less_leaked(let_in: Script) -> None:
    """Old messages that nobody is known to have said may be shown to members, and to no intruder."""
    let_in.hear("alice", "~old~")
    assert shut_out(let_in.history, barred=BARRED) == []

    let_in.hear("mallory", "~old~")
    (finding,) = shut_out(let_in.history, barred=BARRED)

    assert finding.sentence == "mallory (daphne-1) was to be shut out and was sent ~old~, said before it came"


def test_an_intruder_that_is_stored_is_found(let_in: Script) -> None:
    """A row that holds what an intruder said is found."""
    let_in.say("mallory", "in")
    let_in.add(Kind.STORED, marker="~in~", detail="'' in 'lobby'")

    (finding,) = shut_out(let_in.history, barred=BARRED)

    assert finding.sentence == "a row holds 'in ~in~' that mallory (daphne-1) said, who was to be shut out"


def test_what_an_intruder_is_sent_is_found_though_it_never_arrives(lobby: Script) -> None:
    """An application that sends to a connection it refused has leaked, whether the server lets it through or not."""
    lobby.connect("eve", user="")
    lobby.add(Kind.REFUSED, "eve", code=403)
    text = lobby.say("alice", "members", heard_by="alice bob")
    lobby.add(Kind.ANSWERED, "eve", detail="websocket.send", text=text)

    (finding,) = shut_out(lobby.history, barred=["eve#1"])

    assert finding.sentence == (
        "eve (daphne-1) was to be shut out and was sent 'members ~members~' that alice (daphne-1) said"
    )
