import pytest

from channels_conformance.checks import Finding, echoed
from channels_conformance.history import Kind
from tests.checks.written import Script


@pytest.fixture
def alice(play: Script) -> Script:
    """Return a script in which alice has joined an endpoint that echoes."""
    play.connect("alice", hears="sender", endpoint="echo")
    play.accept("alice")
    return play


def send(script: Script, payload: str | bytes) -> None:
    """Let alice send a raw frame."""
    script.add(Kind.SENT, "alice", **_as_fields(payload))


def answer(script: Script, payload: str | bytes) -> None:
    """Let the application send a frame to alice."""
    script.add(Kind.ANSWERED, "alice", detail="websocket.send", **_as_fields(payload))


def receive(script: Script, payload: str | bytes) -> None:
    """Let a frame arrive at alice."""
    script.add(Kind.RECEIVED, "alice", **_as_fields(payload))


def _as_fields(payload: str | bytes) -> dict[str, str | bytes]:
    return {"text": payload} if isinstance(payload, str) else {"data": payload}


def only_finding(script: Script) -> Finding:
    """Return the one thing that is found."""
    (finding,) = echoed(script.history)
    return finding


def test_every_frame_that_comes_back_as_it_went_is_no_finding(alice: Script) -> None:
    """Text, binary and empty frames that come back in order give no finding."""
    for payload in ("hi", b"hi", "", b""):
        send(alice, payload)
        answer(alice, payload)
        receive(alice, payload)

    assert echoed(alice.history) == []


def test_frames_may_be_answered_after_several_were_sent(alice: Script) -> None:
    """Only the order of the answers counts, not how they lie between the frames sent."""
    for payload in ("one", "two"):
        send(alice, payload)
    for payload in ("one", "two"):
        receive(alice, payload)

    assert echoed(alice.history) == []


def test_what_is_said_and_fences_are_echoed_too(alice: Script) -> None:
    """An endpoint that echoes says back messages and fences as it does raw frames."""
    alice.add(Kind.SAID, "alice", text="~m1~hi", marker="~m1~")
    alice.add(Kind.FENCE, "alice", text="~f1~", marker="~f1~")
    receive(alice, "~m1~hi")

    assert only_finding(alice).sentence == (
        "alice (daphne-1) sent the text frame '~f1~' and was answered with nothing more"
    )


@pytest.mark.parametrize(
    ("sent", "came", "told"),
    [
        (b"hi", "hi", "sent the binary frame 'hi' and was answered with the text frame 'hi'"),
        ("hi", b"hi", "sent the text frame 'hi' and was answered with the binary frame 'hi'"),
        (b"", "", "sent the binary frame '' and was answered with the text frame ''"),
        ("hi", "HI", "sent the text frame 'hi' and was answered with the text frame 'HI'"),
    ],
)
def test_a_frame_that_comes_back_otherwise_is_lost(
    alice: Script, sent: str | bytes, came: str | bytes, told: str
) -> None:
    """A frame of the other type or with other content is not the frame that was sent."""
    send(alice, sent)
    receive(alice, came)

    finding = only_finding(alice)

    assert finding.line() == f"lost: alice (daphne-1) {told} [app]"
    assert finding.connection == "alice#1"
    assert list(finding.evidence) == alice.history.of(Kind.SENT, Kind.RECEIVED)


def test_frames_that_come_back_in_the_other_order_are_lost(alice: Script) -> None:
    """The first frame out of place is named, and the rest is not reported again."""
    for payload in ("one", "two"):
        send(alice, payload)
    for payload in ("two", "one"):
        receive(alice, payload)

    assert "sent the text frame 'one' and was answered with the text frame 'two'" in only_finding(alice).sentence


def test_a_frame_too_many_is_unexpected(alice: Script) -> None:
    """An answer to nothing is unexpected, and the first of several is named."""
    send(alice, "hi")
    for _ in range(3):
        receive(alice, "hi")

    finding = only_finding(alice)

    assert finding.line() == (
        "unexpected: alice (daphne-1) was answered with the text frame 'hi' which it never sent [app]"
    )
    assert list(finding.evidence) == alice.history.of(Kind.RECEIVED)[1:2]


def test_a_server_that_drops_what_the_application_sent_is_to_blame(alice: Script) -> None:
    """Where the application answered every frame as it came, the server has lost it."""
    send(alice, "")
    answer(alice, "")

    assert only_finding(alice).blame == "server"


def test_what_an_application_sends_besides_does_not_excuse_the_server(alice: Script) -> None:
    """A frame that the application answered and the server lost is the server's, whatever was answered after it."""
    send(alice, "")
    answer(alice, "")
    answer(alice, "goodbye")

    assert only_finding(alice).blame == "server"


def test_a_frame_that_only_the_server_can_have_added_is_its_own(alice: Script) -> None:
    """The application answered once, and the client received two frames."""
    send(alice, "hi")
    answer(alice, "hi")
    for _ in range(2):
        receive(alice, "hi")

    assert only_finding(alice).blame == "server"


def test_each_connection_is_judged_by_itself(alice: Script) -> None:
    """What one connection lacks is not made up for by what another was sent and received."""
    alice.connect("bob", hears="sender", endpoint="echo", worker="uvicorn-2")
    alice.accept("bob")
    send(alice, "hi")
    alice.add(Kind.ANSWERED, "bob", detail="websocket.send", text="hi")
    alice.add(Kind.RECEIVED, "bob", text="hi")

    assert [(found.connection, found.blame) for found in echoed(alice.history)] == [
        ("alice#1", "app"),
        ("bob#1", "app"),
    ]
