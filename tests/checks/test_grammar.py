from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from channels_conformance.checks.values import sendable
from channels_conformance.history import Kind
from tests.checks.written import Script, judge, only

EVERY_EVENT = sorted(DELIVERED_EVENTS | ANSWERED_EVENTS | {RETURNED, CRASHED})
GOOD_VALUES: dict[str, dict[str, Any]] = {"websocket.send": {"text": ""}}
LEGAL = [(state, event, after) for state, row in TRANSITIONS.items() for event, after in row.items()]
ILLEGAL = [(state, event) for state in State for event in EVERY_EVENT if event not in TRANSITIONS[state]]


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


def test_a_grammar_error_is_a_runtime_error_of_one_sentence() -> None:
    """The error is what Uvicorn raises, and says what happened, where, and what would be legal."""
    with pytest.raises(RuntimeError) as raised:
        at(State.HANDSHAKE).answered({"type": "websocket.send", "text": "hi"})

    assert str(raised.value) == (
        "the application answered websocket.send where websocket.connect was delivered and is not answered; "
        "legal here is websocket.accept, websocket.close, websocket.http.response.start (ASGI WebSocket spec)"
    )


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4001, 4999])
def test_codes_that_rfc_6455_lets_travel_are_sendable(code: int) -> None:
    """Codes that may travel in a close frame are accepted."""
    assert sendable(code)
    at(State.OPEN).answered({"type": "websocket.close", "code": code, "reason": "é" * 61})


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 99999, -1, "1000", True])
def test_codes_that_must_not_travel_are_refused(code: object) -> None:
    """Codes that may not travel in a close frame are refused."""
    with pytest.raises(GrammarError, match="may not be sent in a close frame"):
        at(State.OPEN).answered({"type": "websocket.close", "code": code})


def test_a_close_before_accept_is_not_judged_by_its_code() -> None:
    """A close before accept becomes HTTP 403, so its code goes nowhere."""
    at(State.HANDSHAKE).answered({"type": "websocket.close", "code": 403})


@pytest.mark.parametrize(
    ("state", "message", "wrong"),
    [
        (State.OPEN, {"type": "websocket.send"}, "it has neither of text and bytes"),
        (State.OPEN, {"type": "websocket.send", "text": None, "bytes": None}, "it has neither of text and bytes"),
        (State.OPEN, {"type": "websocket.send", "text": "", "bytes": b""}, "it has both of text and bytes"),
        (State.OPEN, {"type": "websocket.send", "text": b"x"}, "its text must be a str"),
        (State.OPEN, {"type": "websocket.close", "reason": "x" * 124}, "its reason takes 124 bytes, of at most 123"),
        (State.OPEN, {"type": "websocket.close", "reason": b"x"}, "its reason must be a str"),
        (State.HANDSHAKE, {"type": "websocket.accept", "subprotocol": "b"}, "which the client did not offer"),
        (State.HANDSHAKE, {"type": "websocket.accept", "headers": [(b"X-A", b"")]}, "is not in lower case"),
        (State.HANDSHAKE, {"type": "websocket.accept", "headers": [("x-a", "")]}, "must be a pair of bytes"),
        (
            State.HANDSHAKE,
            {"type": "websocket.accept", "headers": [(b"sec-websocket-protocol", b"a")]},
            "it may not set the header",
        ),
        (State.HANDSHAKE, {"type": "websocket.http.response.start", "status": 403}, "the server did not offer"),
    ],
    ids=str,
)
def test_bad_values_are_refused(state: State, message: dict[str, Any], wrong: str) -> None:
    """An event with a value it may not have is refused, though it comes at its time."""
    conversation = at(state, subprotocols=["a"], denial_response=False)

    with pytest.raises(GrammarError, match=wrong):
        conversation.answered(message)

    assert conversation.state is state


def test_what_is_not_known_is_not_judged() -> None:
    """A conversation that was not told what was offered accepts any subprotocol and a denial response."""
    at(State.HANDSHAKE).answered({"type": "websocket.accept", "subprotocol": "b", "headers": [(b"x-a", b"1")]})
    at(State.HANDSHAKE).answered({"type": "websocket.http.response.start", "status": 401})
    with pytest.raises(GrammarError, match="its status 101"):
        at(State.HANDSHAKE).answered({"type": "websocket.http.response.start", "status": 101})


def test_a_server_event_is_judged_by_its_value_where_it_is_given_whole() -> None:
    """A server may deliver both keys as long as one is None."""
    at(State.OPEN).delivered({"type": "websocket.receive", "text": None, "bytes": b""})
    with pytest.raises(GrammarError, match="the server delivered a bad") as raised:
        at(State.OPEN).delivered({"type": "websocket.receive"})
    assert raised.value.blame == "server"


def test_a_send_before_accept_is_ungrammatical(play: Script) -> None:
    """The finding names the connection, and what follows the first wrong event is not reported again."""
    play.connect("alice")
    play.add(Kind.DELIVERED, "alice", detail="websocket.connect")
    play.add(Kind.ANSWERED, "alice", detail="websocket.send", text="too soon")
    play.add(Kind.ANSWERED, "alice", detail="websocket.send", text="still too soon")
    play.add(Kind.ANSWERED, "alice", detail="websocket.accept")
    play.add(Kind.ACCEPTED, "alice")

    finding = only(play.history, "grammatical")

    assert finding.sentence.startswith("alice (daphne-1): the application answered websocket.send where")
    assert finding.blame == "app"


def test_a_bad_close_code_in_a_history_is_ungrammatical(lobby: Script) -> None:
    """The recorded code of a close is judged."""
    lobby.add(Kind.ANSWERED, "alice", detail="websocket.close", code=1006)

    assert "its code 1006" in only(lobby.history, "grammatical").sentence


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


def test_a_denial_response_is_legal(play: Script) -> None:
    """An application may answer the handshake with an HTTP response of several parts."""
    play.connect("alice")
    play.add(Kind.DELIVERED, "alice", detail="websocket.connect")
    play.add(Kind.ANSWERED, "alice", detail="websocket.http.response.start", code=403)
    play.add(Kind.ANSWERED, "alice", detail="websocket.http.response.body", data=b"no")
    play.add(Kind.ANSWERED, "alice", detail="websocket.http.response.body", data=b"")
    play.add(Kind.RETURNED, "alice")

    assert judge(play.history) == {"answered_handshake": judge(play.history)["answered_handshake"]}
