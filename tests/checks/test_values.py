"""What an event must hold, where it comes at its time."""

from typing import Any

import pytest

from channels_conformance.checks.grammar import Conversation, GrammarError, State
from channels_conformance.checks.values import sendable

REFUSED = "websocket.http.response.start"


def due(message: dict[str, Any], **offer: Any) -> Conversation:
    """Return a conversation in which it is time for this message."""
    conversation = Conversation(**offer)
    conversation.delivered("websocket.connect")
    if message["type"] in {"websocket.send", "websocket.close", "websocket.receive"}:
        conversation.answered({"type": "websocket.accept"})
    return conversation


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4001, 4999])
def test_codes_that_rfc_6455_lets_travel_are_sendable(code: int) -> None:
    """Codes that may travel in a close frame are accepted."""
    close = {"type": "websocket.close", "code": code}

    assert sendable(code)
    due(close).answered(close)


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 99999, -1, "1000", True])
def test_codes_that_must_not_travel_are_refused(code: object) -> None:
    """Codes that may not travel in a close frame are refused."""
    close = {"type": "websocket.close", "code": code}

    with pytest.raises(GrammarError, match="may not be sent in a close frame"):
        due(close).answered(close)


def test_a_close_before_accept_is_not_judged_by_its_values() -> None:
    """A close before accept becomes HTTP 403, so its code and its reason go nowhere."""
    due({"type": "websocket.accept"}).answered({"type": "websocket.close", "code": 403, "reason": "x" * 124})


@pytest.mark.parametrize(
    "message",
    [
        {"type": "websocket.send", "text": ""},
        {"type": "websocket.send", "text": "hi", "bytes": None},
        {"type": "websocket.send", "bytes": b""},
        {"type": "websocket.send", "bytes": bytearray(b"hi"), "text": None},
        {"type": "websocket.send", "bytes": memoryview(b"hi")},
        {"type": "websocket.close"},
        {"type": "websocket.close", "code": None, "reason": None},
        {"type": "websocket.close", "reason": "é" * 61 + "x"},
        {"type": "websocket.accept", "subprotocol": None, "headers": None},
        {"type": "websocket.accept", "subprotocol": "a", "headers": [(b"x-a", b"1"), [b"x-b", b"Two"]]},
        {"type": REFUSED, "status": 200},
        {"type": REFUSED, "status": 599},
    ],
)
def test_good_values_are_taken(message: dict[str, Any]) -> None:
    """What the specification leaves out, allows or takes to the limit is no error."""
    due(message, subprotocols=["a"], denial_response=True).answered(message)


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ({"type": "websocket.send"}, "it has neither of text and bytes"),
        ({"type": "websocket.send", "text": None, "bytes": None}, "it has neither of text and bytes"),
        ({"type": "websocket.send", "text": "", "bytes": b""}, "it has both of text and bytes"),
        ({"type": "websocket.send", "text": b"x"}, "its text must be a str"),
        ({"type": "websocket.send", "bytes": "x"}, "its bytes must be bytes"),
        ({"type": "websocket.close", "reason": "x" * 124}, "its reason takes 124 bytes, of at most 123"),
        ({"type": "websocket.close", "reason": "é" * 62}, "its reason takes 124 bytes, of at most 123"),
        ({"type": "websocket.close", "reason": "\udc80" * 42}, "its reason takes 126 bytes, of at most 123"),
        ({"type": "websocket.close", "reason": b"x"}, "its reason must be a str"),
        ({"type": "websocket.accept", "subprotocol": "b"}, "it chooses the subprotocol 'b', which the client did not"),
        (
            {"type": "websocket.accept", "headers": [(b"x-a", b"1"), (b"X-B", b"2")]},
            "its header name b'X-B' is not in lower case (ASGI WebSocket spec: Accept)",
        ),
        (
            {"type": "websocket.accept", "headers": [(b"x-a", "")]},
            "must be a pair of bytes, not (b'x-a', '') (ASGI WebSocket spec: Accept)",
        ),
        ({"type": "websocket.accept", "headers": [("x-a", b"")]}, "must be a pair of bytes, not ('x-a', b'')"),
        ({"type": "websocket.accept", "headers": [(b"x-a",)]}, "must be a pair of bytes, not (b'x-a',)"),
        ({"type": "websocket.accept", "headers": [(b"a", b"b", b"c")]}, "must be a pair of bytes"),
        (
            {"type": "websocket.accept", "headers": [(b"sec-websocket-protocol", b"a")]},
            "it may not set the header b'sec-websocket-protocol' (ASGI WebSocket spec: Accept)",
        ),
        ({"type": "websocket.accept", "headers": [(b":status", b"101")]}, "it may not set the header b':status'"),
        ({"type": REFUSED}, "its status None cannot end an HTTP exchange"),
        ({"type": REFUSED, "status": 199}, "its status 199 cannot end an HTTP exchange"),
        ({"type": REFUSED, "status": 600}, "its status 600 cannot end an HTTP exchange"),
        ({"type": REFUSED, "status": "403"}, "its status '403' cannot end an HTTP exchange"),
    ],
    ids=str,
)
def test_bad_values_are_refused(message: dict[str, Any], wrong: str) -> None:
    """An event with a value it may not have is refused though it comes at its time, and then has not happened."""
    conversation = due(message, subprotocols=["a"], denial_response=True)
    before = conversation.state

    with pytest.raises(GrammarError) as raised:
        conversation.answered(message)

    assert str(raised.value).startswith(f"the application answered a bad {message['type']}: ")
    assert wrong in str(raised.value)
    assert raised.value.blame == "app"
    assert conversation.state is before


def test_a_denial_response_that_was_not_offered_is_refused() -> None:
    """Where the scope does not have the extension, a handshake may not be answered with a response."""
    denial = {"type": REFUSED, "status": 403}

    with pytest.raises(GrammarError, match=r"the server did not offer the websocket\.http\.response extension"):
        due(denial, denial_response=False).answered(denial)


def test_what_is_not_known_is_not_judged() -> None:
    """A conversation that was not told what was offered accepts any subprotocol and a denial response."""
    for message in ({"type": "websocket.accept", "subprotocol": "b"}, {"type": REFUSED, "status": 401}):
        due(message).answered(message)


def test_a_subprotocol_is_refused_where_none_was_offered() -> None:
    """To have offered nothing is not the same as not to be known."""
    accept = {"type": "websocket.accept", "subprotocol": "b"}

    with pytest.raises(GrammarError, match="which the client did not offer"):
        due(accept, subprotocols=[]).answered(accept)


def test_a_server_event_is_judged_by_its_value_where_it_is_given_whole() -> None:
    """A server may deliver both keys as long as one is None, and is to blame where it delivers neither."""
    empty = {"type": "websocket.receive"}
    due(empty).delivered({**empty, "text": None, "bytes": b""})

    with pytest.raises(GrammarError, match=r"the server delivered a bad websocket\.receive: it has neither") as raised:
        due(empty).delivered(empty)

    assert raised.value.blame == "server"


def test_a_server_event_of_which_only_the_type_is_known_is_not_judged_by_its_value() -> None:
    """Who gives no more than the name of an event asks only whether it may come now."""
    conversation = due({"type": "websocket.receive"})

    conversation.delivered("websocket.receive")

    assert conversation.state is State.OPEN
