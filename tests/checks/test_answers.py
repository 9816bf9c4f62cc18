"""Answers that show what they should not, and edits that collide."""

from functools import partial

import pytest

from channels_conformance.checks import Anomaly, no_python_shown, one_edit_stands, one_edit_taken
from channels_conformance.history import Kind
from tests.checks.written import Script

stands = partial(one_edit_stands, stands="the text is: ")
NULL, TRUE, LIST = '{"message": null}', '{"message": true}', '{"message": ["~x~", null]}'
WORDS = {NULL: "None", TRUE: "True", LIST: "['~x~', None]"}


def answer(play: Script, frame: str, *answers: str | bytes, noise: bool = False) -> None:
    """Let alice send a frame, and be answered."""
    play.add(Kind.SENT, "alice", text=frame)
    for one in answers:
        text, data = (one, None) if isinstance(one, str) else (None, one)
        play.add(Kind.NOISE if noise else Kind.RECEIVED, "alice", text=text, data=data)


def test_answers_in_words_show_nothing(lobby: Script) -> None:
    """An error that names no value, JSON that says null, and an echo are no finding."""
    answer(lobby, NULL, "the text must be a string", '{"message": null}')
    answer(lobby, TRUE, '{"message": true}')
    answer(lobby, LIST, LIST)

    assert no_python_shown(lobby.history, words=WORDS) == []


@pytest.mark.parametrize(
    ("word", "said"),
    [("True", "Truely yours"), ("True", "how unTrue"), ("b'~x~'", "bob'~x~'s"), ("-1", "minus -100")],
)
def test_a_part_of_another_word_shows_nothing(lobby: Script, word: str, said: str) -> None:
    """Letters and digits on either side make another word of it."""
    answer(lobby, TRUE, said)

    assert no_python_shown(lobby.history, words={TRUE: word}) == []


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ('{"from": "None", "message": null}', "None sent nothing"),
        ('{"message": "what is a NoneType?"}', "you asked: what is a NoneType?"),
    ],
)
def test_what_the_client_wrote_itself_may_come_back(lobby: Script, frame: str, said: str) -> None:
    """An answer that repeats the Python in a frame shows none of the application's own."""
    answer(lobby, frame, said)

    assert no_python_shown(lobby.history, words={frame: "None"}) == []


def test_an_answer_before_anything_was_sent_is_held_against_no_frame(lobby: Script) -> None:
    """A greeting may say None as it likes, and no traceback."""
    lobby.add(Kind.RECEIVED, "alice", text="None is here yet")
    shown = lobby.add(Kind.RECEIVED, "alice", text="Traceback (most recent call last):")

    (finding,) = no_python_shown(lobby.history, words=WORDS)

    assert finding.evidence == (shown,)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (NULL, "You said: None"),
        (NULL, '{"error": "None is no text"}'),
        (TRUE, '{"message": "True"}'),
        (LIST, "You said: ['~x~', None]"),
        (LIST, "<li>[&#x27;~x~&#x27;, None]</li>"),
        (LIST, b"['~x~', None]"),
        (LIST, b"\xff\xfe ['~x~', None]"),
    ],
)
@pytest.mark.parametrize("noise", [False, True])
def test_a_value_in_the_words_of_python_has_leaked(lobby: Script, frame: str, said: str | bytes, noise: bool) -> None:  # noqa: FBT001
    """What is null is found as None, true as True and lists in quotes, also in HTML, in binary frames and in noise."""
    answer(lobby, NULL, "no")
    answer(lobby, frame, said, noise=noise)

    (finding,) = no_python_shown(lobby.history, words=WORDS)

    assert finding.anomaly is Anomaly.LEAKED
    assert WORDS[frame] in finding.sentence


def test_a_word_that_stands_in_every_answer_shows_nothing(lobby: Script) -> None:
    """An answer that says "None of these" to everything has nothing to do with null."""
    answer(lobby, NULL, "None of these will do")
    answer(lobby, TRUE, "None of these will do")

    assert no_python_shown(lobby.history, words=WORDS) == []


def test_a_word_is_not_usual_for_standing_in_what_was_shown_of_a_list(lobby: Script) -> None:
    """Where every value comes back in Python, each of them is a finding."""
    answer(lobby, NULL, "not None")
    answer(lobby, TRUE, "not True")
    answer(lobby, LIST, "not ['~x~', None]")

    assert len(no_python_shown(lobby.history, words=WORDS)) == 3


@pytest.mark.parametrize(
    "innards",
    [
        "Traceback (most recent call last):",
        "'NoneType' object has no attribute 'strip'",
        "expected str, got <class 'list'>",
        "<chat.Message object at 0x7f00deadbeef>",
    ],
)
def test_innards_have_leaked_whatever_was_sent(lobby: Script, innards: str) -> None:
    """Tracebacks, types and addresses are nobody's business, also where the frame was a good one."""
    answer(lobby, '{"message": "hi"}', innards)

    (finding,) = no_python_shown(lobby.history, words=WORDS)

    assert finding.anomaly is Anomaly.LEAKED


def test_one_taken_and_one_refused_is_right(lobby: Script) -> None:
    """One edit is heard by everybody, and the author of the other is told of it alone."""
    lobby.say("alice", "mine", heard_by="bob alice")
    lobby.say("bob", "his", heard_by="bob")

    assert one_edit_taken(lobby.history) == []


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        (
            "alice bob",
            "alice bob",
            (
                "of 2 edits of one revision, those of alice (daphne-1) and bob (uvicorn-2) were taken, "
                "and each overwrote the one before"
            ),
        ),
        ("alice", "bob", "of 2 edits of one revision, those of nobody were taken"),
        ("alice bob", "", "bob (uvicorn-2) was never told what became of the edit ~his~"),
    ],
)
def test_edits_that_overwrite_each_other_are_lost(lobby: Script, first: str, second: str, sentence: str) -> None:
    """Two that were taken, none, and an author who is left in the dark are each a finding."""
    lobby.say("alice", "mine", heard_by=first)
    lobby.say("bob", "his", heard_by=second)

    (finding,) = one_edit_taken(lobby.history)

    assert finding.anomaly is Anomaly.LOST
    assert finding.sentence == sentence
    assert {event.kind for event in finding.evidence} == {Kind.SAID}


def test_one_edit_stands_and_everybody_heard_both(lobby: Script) -> None:
    """Both edits came to both, and each is told in the end that the text is one of them."""
    lobby.say("alice", "mine", heard_by="alice bob")
    lobby.say("bob", "his", heard_by="alice bob")
    for client in ("alice", "bob"):
        lobby.add(Kind.RECEIVED, client, text="the text is: ~his~")
    assert stands(lobby.history) == []

    last = lobby.add(Kind.RECEIVED, "bob", text="the text is: ~mine~ ~his~")
    lobby.add(Kind.RECEIVED, "bob", text="bye")
    (merged,) = stands(lobby.history)
    assert merged.sentence == "bob (uvicorn-2) ends with 2 edits in one text"
    assert merged.evidence == (last,)


def test_who_is_not_told_the_text_ends_with_none(lobby: Script) -> None:
    """To have heard of edits is not to know what stands."""
    lobby.say("alice", "mine", heard_by="alice bob")
    lobby.add(Kind.RECEIVED, "alice", text="the text is: ~mine~")
    last = lobby.add(Kind.RECEIVED, "bob", text="bye")

    (finding,) = stands(lobby.history)

    assert finding.sentence == "bob (uvicorn-2) ends with 0 edits in one text"
    assert finding.evidence == (last,)


def test_an_edit_that_somebody_never_heard_is_lost(lobby: Script) -> None:
    """A layer that hands an edit to one member only is no carrier."""
    lobby.say("alice", "mine", heard_by="alice")

    _, finding = stands(lobby.history)

    assert (finding.anomaly, finding.sentence) == (Anomaly.LOST, "bob (uvicorn-2) never heard the edit ~mine~")
