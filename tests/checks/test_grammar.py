from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.checks import grammatical
from channels_conformance.checks.grammar import (
    ANSWERED_EVENTS,
    CRASHED,
    DELIVERED_EVENTS,
    RETURNED,
    TRANSITIONS,
    Conversation,
    GrammarError,
    State,
)
from channels_conformance.history import Kind
from tests.checks.written import Script, judge, only

EVERY_EVENT = sorted(DELIVERED_EVENTS | ANSWERED_EVENTS | {RETURNED, CRASHED})
GOOD_VALUES: dict[str, dict[str, Any]] = {
    "websocket.send": {"text": ""},
    "websocket.http.response.start": {"status": 403},
}
LEGAL = [(state, event, after) for state, row in TRANSITIONS.items() for event, after in row.items()]
ILLEGAL = [(state, event) for state in State for event in EVERY_EVENT if event not in TRANSITIONS[state]]


CONVERSATIONS = {
    "the client leaves": "connect accept receive send receive disconnect RETURNED",
    "the application leaves while frames are on their way": "connect accept close receive receive disconnect RETURNED",
    "the application leaves and does not wait": "connect accept close RETURNED",
    "the application returns from an open socket": "connect accept RETURNED",
    "the application refuses": "connect close disconnect RETURNED",
    "the application refuses and does not wait": "connect close RETURNED",
    "a response of two parts": "connect http.response.start http.response.body http.response.body disconnect RETURNED",
    "a response, and no waiting": "connect http.response.start http.response.body RETURNED",
    "the client goes during a send": "connect accept disconnect send send RETURNED",
    "the client goes before a close": "connect accept disconnect close RETURNED",
    "the client goes before the answer": "connect disconnect RETURNED",
    "the client goes before the accept": "connect disconnect accept send close RETURNED",
    "the client goes before the refusal": "connect disconnect close RETURNED",
    "the client goes before the response": "connect disconnect http.response.start http.response.body RETURNED",
}
"""What the ASGI specification allows, told without the table."""


def feed(conversation: Conversation, event: str, **values: Any) -> None:
    """Give one event to a conversation, whichever side it is from."""
    if event in DELIVERED_EVENTS:
        conversation.delivered(event)
    elif event in ANSWERED_EVENTS:
        conversation.answered({"type": event, **GOOD_VALUES.get(event, {}), **values})
    elif event == RETURNED:
        conversation.returned()
    else:
        conversation.crashed()


def at(state: State, **offer: Any) -> Conversation:
    """Return a conversation that stands at this state."""
    conversation = Conversation(**offer)
    conversation.state = state
    return conversation


def test_every_state_has_a_row_and_can_be_reached() -> None:
    """The table has a row for each state, and leads to each of them."""
    reached, pending = {State.NEW}, [State.NEW]
    while pending:
        fresh = set(TRANSITIONS[pending.pop()].values()) - reached
        reached |= fresh
        pending += fresh

    assert set(TRANSITIONS) == reached == set(State)


@pytest.mark.parametrize("events", CONVERSATIONS.values(), ids=CONVERSATIONS)
def test_a_conversation_that_the_specification_allows_is_legal_to_its_end(events: str) -> None:
    """Whoever goes first, and whatever is still on its way then, each event has its place."""
    conversation = Conversation()

    for event in events.split():
        feed(conversation, event if event == RETURNED else f"websocket.{event}")

    assert conversation.state is State.ENDED


@pytest.mark.parametrize("state", [state for state in State if state is not State.ENDED], ids=str)
def test_a_crash_is_legal_anywhere(state: State) -> None:
    """An exception that leaves the application ends the conversation, and is no matter of grammar."""
    conversation = at(state)

    conversation.crashed()

    assert conversation.state is State.ENDED


@pytest.mark.parametrize(("state", "event", "after"), LEGAL, ids=str)
def test_every_transition_of_the_table_is_taken(state: State, event: str, after: State) -> None:
    """An event with an entry in the state's row is legal and leads where the entry says."""
    conversation = at(state)

    feed(conversation, event)

    assert conversation.state is after


@pytest.mark.parametrize(("state", "event"), ILLEGAL, ids=str)
def test_every_other_event_is_refused(state: State, event: str) -> None:
    """An event without an entry raises, is blamed on whose event it is, and leaves the state as it was."""
    conversation = at(state)

    with pytest.raises(GrammarError, match="legal here is") as raised:
        feed(conversation, event)

    assert raised.value.blame == ("server" if event in DELIVERED_EVENTS else "app")
    assert conversation.state is state


@given(st.data())
def test_random_walks_are_accepted_and_one_wrong_event_is_not(data: st.DataObject) -> None:
    """Any walk over the table is accepted, and any event outside the row it ends in is refused."""
    conversation = Conversation()
    for _ in range(data.draw(st.integers(0, 12), label="steps")):
        if conversation.expected:
            feed(conversation, data.draw(st.sampled_from(sorted(conversation.expected))))

    wrong = data.draw(st.sampled_from(sorted(set(EVERY_EVENT) - conversation.expected)))
    with pytest.raises(GrammarError):
        feed(conversation, wrong)


def test_an_unknown_event_is_refused() -> None:
    """An event that is no ASGI WebSocket event is legal nowhere, and neither is one of the other direction."""
    with pytest.raises(GrammarError, match=r"the application answered websocket\.shout where"):
        at(State.OPEN).answered({"type": "websocket.shout"})
    with pytest.raises(GrammarError, match=r"the application answered websocket\.receive where"):
        at(State.OPEN).answered({"type": "websocket.receive", "text": ""})


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ({}, "None"),
        ({"type": ["websocket.send"]}, "['websocket.send']"),
        ({"type": "websocket.SEND"}, "websocket.SEND"),
    ],
    ids=str,
)
def test_what_is_no_type_of_an_event_is_refused_and_shown_as_it_is(message: dict[str, Any], shown: str) -> None:
    """An application may send anything as a type, or leave it out: it reads what it sent."""
    with pytest.raises(GrammarError) as raised:
        at(State.OPEN).answered({"text": "", **message})

    assert str(raised.value).startswith(f"the application answered {shown} where the application accepted; ")


@pytest.mark.parametrize(("event", "did"), [(RETURNED, "returned"), (CRASHED, "crashed")])
def test_an_application_ends_once(event: str, did: str) -> None:
    """The sentence says in words what the application did, and that nothing is legal any more."""
    with pytest.raises(GrammarError) as raised:
        feed(at(State.ENDED), event)

    assert str(raised.value) == (
        f"the application {did} where the application callable is no longer running; "
        "legal here is nothing (ASGI WebSocket spec)"
    )


def test_a_grammar_error_is_a_runtime_error_of_one_sentence() -> None:
    """The error is what Uvicorn raises, and says what happened, where, and what would be legal."""
    with pytest.raises(RuntimeError) as raised:
        at(State.HANDSHAKE).answered({"type": "websocket.send", "text": "hi"})

    assert str(raised.value) == (
        "the application answered websocket.send where websocket.connect was delivered and is not answered; "
        "legal here is websocket.accept, websocket.close, websocket.http.response.start (ASGI WebSocket spec)"
    )


def test_a_send_before_accept_is_ungrammatical(play: Script) -> None:
    """The finding names the connection, and what follows the first wrong event is not reported again."""
    play.connect("alice")
    play.add(Kind.DELIVERED, "alice", detail="websocket.connect")
    first = play.add(Kind.ANSWERED, "alice", detail="websocket.send", text="too soon")
    play.add(Kind.ANSWERED, "alice", detail="websocket.send", text="still too soon")
    play.add(Kind.ANSWERED, "alice", detail="websocket.accept")
    play.add(Kind.ACCEPTED, "alice")

    finding = only(play.history, "grammatical")

    assert finding.sentence.startswith("alice (daphne-1): the application answered websocket.send where")
    assert (finding.connection, finding.evidence, finding.blame) == ("alice#1", (first,), "app")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [({"code": 1006}, "its code 1006"), ({"code": 1000, "text": "x" * 124}, "its reason takes 124 bytes")],
    ids=str,
)
def test_a_bad_close_in_a_history_is_ungrammatical(lobby: Script, fields: dict[str, Any], wrong: str) -> None:
    """The code and the reason on record of a close are judged."""
    lobby.add(Kind.ANSWERED, "alice", detail="websocket.close", **fields)

    assert wrong in only(lobby.history, "grammatical").sentence


def test_a_return_from_an_unanswered_handshake_is_ungrammatical(play: Script) -> None:
    """An application may not return before it has accepted or refused."""
    play.connect("alice")
    play.add(Kind.DELIVERED, "alice", detail="websocket.connect")
    end = play.add(Kind.RETURNED, "alice")

    (finding,) = grammatical(play.history)

    assert finding.sentence.startswith("alice (daphne-1): the application returned where websocket.connect was")
    assert finding.evidence == (end,)


@pytest.mark.parametrize("way", [Kind.RETURNED, Kind.CRASHED])
def test_a_send_by_an_application_that_has_ended_is_ungrammatical(lobby: Script, way: Kind) -> None:
    """What an application left running may not go on to send; that it crashed is another matter."""
    lobby.add(way, "alice")
    assert grammatical(lobby.history) == []

    late = lobby.add(Kind.ANSWERED, "alice", detail="websocket.send", text="still here")

    assert [finding.evidence for finding in grammatical(lobby.history)] == [(late,)]


def test_a_binary_frame_is_legal(lobby: Script) -> None:
    """Frames may carry bytes, in both directions."""
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.receive", data=b"one")
    lobby.add(Kind.ANSWERED, "alice", detail="websocket.send", data=b"one")

    assert grammatical(lobby.history) == []


def test_a_second_disconnect_is_blamed_on_the_server(lobby: Script) -> None:
    """A server that delivers anything after the disconnect breaks the grammar."""
    lobby.add(Kind.LEAVING, "alice", code=1000)
    lobby.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1000)
    lobby.told("alice", 1000)

    assert only(lobby.history, "grammatical").blame == "server"


def test_a_send_while_the_client_goes_away_is_legal(lobby: Script) -> None:
    """A handler that was at work when the disconnect came may still send."""
    lobby.add(Kind.LEAVING, "bob", code=1000)
    lobby.add(Kind.DELIVERED, "bob", detail="websocket.disconnect", code=1000)
    lobby.add(Kind.ANSWERED, "bob", detail="websocket.send", text="under way")
    lobby.add(Kind.DISCONNECT_RAN, "bob", code=1000)
    lobby.add(Kind.RETURNED, "bob")

    assert judge(lobby.history) == {}


@pytest.mark.parametrize("status", [403, None])
def test_a_denial_response_is_legal(play: Script, status: int | None) -> None:
    """An application may answer the handshake with an HTTP response of several parts, its status on record or not."""
    play.connect("alice")
    play.add(Kind.DELIVERED, "alice", detail="websocket.connect")
    play.add(Kind.ANSWERED, "alice", detail="websocket.http.response.start", code=status)
    play.add(Kind.ANSWERED, "alice", detail="websocket.http.response.body", data=b"no")
    play.add(Kind.ANSWERED, "alice", detail="websocket.http.response.body", data=b"")
    play.add(Kind.RETURNED, "alice")

    assert list(judge(play.history)) == ["answered_handshake"]


def test_a_denial_response_with_a_status_that_is_no_answer_is_ungrammatical(play: Script) -> None:
    """The status on record of a denial response is judged."""
    play.connect("alice")
    play.add(Kind.DELIVERED, "alice", detail="websocket.connect")
    play.add(Kind.ANSWERED, "alice", detail="websocket.http.response.start", code=101)

    (finding,) = grammatical(play.history)

    assert "its status 101" in finding.sentence
