import json
from collections.abc import Iterator
from dataclasses import replace

from channels_conformance.checks import flooded, lossy, lost, never_heard, whole
from channels_conformance.history import Event, History, Kind
from tests.checks.written import Script, judge, only


def test_a_message_heard_by_all_is_no_finding(lobby: Script) -> None:
    """A play in which everybody hears everything once and in order gives no finding at all."""
    lobby.say("alice", "one", heard_by="alice bob")
    lobby.say("bob", "two", heard_by="bob alice")
    lobby.fence("alice", heard_by="bob alice")

    assert judge(lobby.history) == {}


def test_a_message_one_member_never_hears_is_lost(lobby: Script) -> None:
    """A message is lost if a member that took part all along never received it."""
    lobby.say("alice", "one", heard_by="alice")
    lobby.fence("alice", heard_by="alice bob")

    finding = only(lobby.history, "lost")

    assert finding.sentence == "bob (uvicorn-2) never received 'one ~one~' that alice (daphne-1) said"
    assert finding.line() == f"lost: {finding.sentence} [app]"


def test_a_message_the_application_sent_is_lost_by_the_server(lobby: Script) -> None:
    """The server is to blame if the application sent the text, be it twice, and it never came; the first is shown."""
    text = lobby.say("alice", "one")
    said = lobby.history.events[-1]
    lobby.hear("alice", text)
    frame = json.dumps({"message": text})
    first, _ = (lobby.add(Kind.ANSWERED, "bob", detail="websocket.send", text=frame) for _ in range(2))

    finding = only(lobby.history, "lost")

    assert finding.blame == "server"
    assert finding.evidence == (said, first)


def test_an_altered_text_is_lost(lobby: Script) -> None:
    """A message whose marker arrives without its whole text is lost, and both texts are shown."""
    text = lobby.say("alice", "one")
    said = lobby.history.events[-1]
    lobby.hear("alice", text)
    lobby.hear("bob", "ONE ~one~")

    finding = only(lobby.history, "lost")

    assert "'one ~one~' that alice (daphne-1) said arrived altered, as" in finding.sentence
    assert "ONE ~one~" in finding.sentence
    assert finding.evidence == (said, *lobby.history.events[-2:])


def test_a_text_that_arrives_whole_as_well_as_altered_is_not_lost(lobby: Script) -> None:
    """Whoever has the whole text once lacks nothing, though it has one frame too many."""
    lobby.say("alice", "one", heard_by="alice bob")
    lobby.hear("bob", "ONE ~one~")

    assert only(lobby.history, "duplicated").connection == "bob#1"


def test_an_altered_text_in_another_room_is_crossed_and_not_lost(lobby: Script) -> None:
    """Nobody is owed the whole of what it should not hear at all."""
    lobby.join("carol", "attic")
    lobby.say("alice", "one", heard_by="alice bob")
    lobby.hear("carol", "ONE ~one~")

    assert only(lobby.history, "crossed").connection == "carol#1"


def test_what_came_altered_was_heard_all_the_same(lobby: Script) -> None:
    """Never heard is what came in no form at all; what a task tells its user is judged elsewhere."""
    lobby.join("dave", "", hears="user")
    lobby.queue("dave", "report")
    lobby.say("alice", "one", heard_by="alice")
    lobby.hear("bob", "ONE ~one~")
    assert never_heard(lobby.history) == []

    lobby.say("alice", "two", heard_by="alice")

    assert [it.sentence for it in never_heard(lobby.history)] == [
        "bob (uvicorn-2) never received 'two ~two~' that alice (daphne-1) said"
    ]


def test_a_message_that_comes_twice_is_duplicated(lobby: Script) -> None:
    """A message is duplicated if one connection received it more than once."""
    text = lobby.say("alice", "one")
    said = lobby.history.events[-1]
    for listener in ("alice", "bob", "bob"):
        lobby.hear(listener, text)

    finding = only(lobby.history, "duplicated")

    assert finding.sentence == "bob (uvicorn-2) received 'one ~one~' that alice (daphne-1) said 2 times"
    assert finding.blame == "app"
    assert finding.evidence == (said, *lobby.history.of(Kind.RECEIVED, connection="bob#1")[-2:])


def test_a_frame_sent_once_and_received_twice_is_blamed_on_the_server(lobby: Script) -> None:
    """The server is to blame for a duplicate if the application sent it once."""
    text = lobby.say("alice", "one", heard_by="alice bob")
    lobby.add(Kind.RECEIVED, "bob", text=text)

    assert only(lobby.history, "duplicated").blame == "server"


def test_a_marker_nobody_said_is_unexpected(lobby: Script) -> None:
    """A message that nobody said is unexpected."""
    lobby.hear("bob", "ghost ~ghost~")

    finding = only(lobby.history, "unexpected")

    assert finding.sentence == "bob (uvicorn-2) received '~ghost~', which nobody said"
    assert finding.connection == "bob#1"


def test_history_told_to_a_newcomer_is_unexpected(lobby: Script) -> None:
    """A newcomer that hears what was said and fenced before it began to connect is told history."""
    text = lobby.say("alice", "one", heard_by="alice bob")
    lobby.fence("alice", heard_by="alice bob")
    lobby.join("carol")
    lobby.hear("carol", text)

    assert "carol (daphne-1) received 'one ~one~'" in only(lobby.history, "unexpected").sentence


def test_history_told_to_a_newcomer_of_another_room_is_crossed(lobby: Script) -> None:
    """Whoever may not hear a message at all did not just come too late for it."""
    text = lobby.say("alice", "one", heard_by="alice bob")
    lobby.fence("alice", heard_by="alice bob")
    lobby.join("carol", "attic")
    lobby.hear("carol", text)

    assert only(lobby.history, "crossed").connection == "carol#1"


def test_whoever_comes_in_the_moment_the_fence_does_may_hear_what_was_said(lobby: Script) -> None:
    """A message is history to those only who began to connect after the fence had come back."""
    text = lobby.say("alice", "one", heard_by="alice bob")
    lobby.fence("alice", heard_by="bob alice")
    back = lobby.history.events[-1]
    lobby.connect("carol")
    lobby.history.events[-1] = replace(lobby.history.events[-1], at=back.at)
    lobby.accept("carol")
    lobby.hear("carol", text)

    assert judge(lobby.history) == {}


def test_a_message_of_another_audience_is_crossed(lobby: Script) -> None:
    """A message that reaches another room is crossed, and the sentence names both rooms."""
    lobby.join("carol", "attic")
    lobby.say("alice", "one", heard_by="alice bob carol")

    expected = "carol (daphne-1) in chat 'attic' received 'one ~one~' that alice (daphne-1) said in chat 'lobby'"
    assert only(lobby.history, "crossed").sentence == expected


def test_a_message_of_another_user_is_crossed(play: Script) -> None:
    """A message that reaches another user is crossed where only the user may hear."""
    play.join("alice", "", hears="user", endpoint="inbox")
    play.join("bob", "", hears="user", endpoint="inbox")
    play.say("alice", "one", heard_by="alice bob")

    assert "bob (daphne-1) in inbox the place of bob received" in only(play.history, "crossed").sentence


def test_beyond_capacity_only_loss_is_allowed(lobby: Script) -> None:
    """The lossy checks allow a message to be lost and nothing else."""
    lobby.say("alice", "one", heard_by="alice")
    assert [check(lobby.history) for check in lossy] == [[]] * len(lossy)

    lobby.say("alice", "two", heard_by="alice bob bob")
    assert sum(len(check(lobby.history)) for check in lossy) == 1

    lobby.hear("bob", "said by nobody ~nobody~")
    assert sum(len(check(lobby.history)) for check in lossy) == 2

    lobby.join("carol", "attic")
    three = lobby.say("alice", "three", heard_by="carol")
    assert sum(len(check(lobby.history)) for check in lossy) == 3

    lobby.say("alice", "four", heard_by="bob")
    lobby.hear("bob", three)
    assert sum(len(check(lobby.history)) for check in lossy) == 4


def test_an_altered_binary_frame_is_shown_as_text(lobby: Script) -> None:
    """Whatever of it is text."""
    lobby.say("alice", "one", heard_by="alice")
    lobby.add(Kind.RECEIVED, "bob", data=b"\xff other ~one~")

    assert "arrived altered, as '\ufffd other ~one~'" in only(lobby.history, "lost").sentence


def test_a_flood_is_told_of_the_connection_it_came_to(lobby: Script) -> None:
    """With how many frames its client had read when it gave up."""
    event = lobby.add(Kind.FLOODED, "bob", code=101)

    (finding,) = flooded(lobby.history)

    assert (finding.anomaly, finding.connection, finding.evidence) == ("unexpected", "bob#1", (event,))
    assert finding.sentence == "bob (uvicorn-2) was sent more than 100 frames that nobody asked for"


def test_a_text_is_found_however_the_app_wraps_it(lobby: Script) -> None:
    """A text counts as arrived in plain text, escaped in nested JSON, and in binary data."""
    text = '中文 "quoted" \\ \n ~wrapped~'
    lobby.add(Kind.SAID, "alice", marker="~wrapped~", text=text)
    lobby.add(Kind.RECEIVED, "alice", text=json.dumps({"events": [{"body": text}]}))
    lobby.add(Kind.RECEIVED, "bob", data=text.encode())

    assert judge(lobby.history) == {}


def test_markers_inside_what_is_said_do_not_hide_the_marker(lobby: Script) -> None:
    """A text that looks like a marker itself neither hides its own marker nor counts as said by nobody."""
    text = "~a~one~"
    lobby.add(Kind.SAID, "alice", marker="~one~", text=text)
    lobby.hear("alice", text)
    lobby.hear("bob", text)

    assert judge(lobby.history) == {}


def test_noise_is_no_finding(lobby: Script) -> None:
    """Frames without a marker, such as presence and errors, are nobody's business."""
    lobby.hear("alice", "bob is typing")
    lobby.hear("alice", "bob is typing")
    lobby.add(Kind.RECEIVED, "bob", data=b"\xff\x00")
    lobby.add(Kind.RECEIVED, "bob", text="[" * 100_000)
    lobby.add(Kind.SENT, "bob", text="{")

    assert judge(lobby.history) == {}


class CountedHistory(History):
    """A history that counts how many events were read from it."""

    reads = 0

    def __iter__(self) -> Iterator[Event]:
        for event in self.events:
            CountedHistory.reads += 1
            yield event


def test_each_check_reads_each_event_once(lobby: Script) -> None:
    """The cost of a check grows with the number of events, for it reads each of them once."""
    for number in range(200):
        lobby.say("alice", f"m{number}", heard_by="alice bob")
    counted = CountedHistory(lobby.history.connections, lobby.history.events)

    for check in whole:
        CountedHistory.reads = 0
        assert check(counted) == []
        assert CountedHistory.reads == len(counted.events)


def test_an_app_that_says_nothing_back_is_found(lobby: Script) -> None:
    """Every listener that is owed a message gives a finding of its own."""
    lobby.say("alice", "one")

    assert {finding.connection for finding in lost(lobby.history)} == {"alice#1", "bob#1"}


def test_a_room_of_the_same_name_on_another_endpoint_is_another_audience(lobby: Script) -> None:
    """Audiences of two endpoints are apart, whatever they are called."""
    lobby.join("carol", endpoint="forum")
    lobby.say("alice", "one", heard_by="alice bob carol")

    assert "carol (daphne-1) in forum 'lobby' received" in only(lobby.history, "crossed").sentence


def test_a_frame_too_deep_to_decode_is_read_as_it_stands(lobby: Script) -> None:
    """JSON nested too deeply to decode cannot hold the text but as it stands."""
    text = 'one "quoted" ~one~'
    lobby.add(Kind.SAID, "alice", marker="~one~", text=text)
    lobby.hear("alice", text)
    lobby.add(Kind.RECEIVED, "bob", text="[" * 100_000 + json.dumps(text) + "]" * 100_000)

    assert "arrived altered" in only(lobby.history, "lost").sentence
