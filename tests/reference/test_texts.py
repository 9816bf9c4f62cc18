"""What may be said: to a room, to a document, and in the name of a room."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from chat.frames import BadFrameError, read_message
from chat.rooms import group_of
from documents.edits import BadEditError, Edit, read_edit
from realtime.text import UnfitTextError, require_fit_text

LONGEST = "a" * 65_536
ERRORS = [
    (None, "the text must be a string"),
    (7, "the text must be a string"),
    ("", "the text is empty"),
    (" \n", "the text is empty"),
    (LONGEST + "a", "the text is longer than 65536 characters"),
    ("a\0", "the text holds a NUL character"),
    ("\ud800", "the text holds half of a surrogate pair"),
    ("\udfff", "the text holds half of a surrogate pair"),
    ("half: \ud800", "the text holds half of a surrogate pair"),
]


@pytest.mark.parametrize("text", ["a", " a ", LONGEST, "\ud7ff", "\ue000", "😀"], ids=lambda text: ascii(text[:9]))
def test_a_fit_text_is_taken_as_it_is(text: str) -> None:
    """Up to the last character, and on either side of the surrogates."""
    assert require_fit_text(text) == text
    assert read_message(json.dumps({"message": text})) == text


@pytest.mark.parametrize(("value", "why"), ERRORS, ids=lambda value: ascii(value)[:20])
def test_an_unfit_text_is_told_why(value: object, why: str) -> None:
    """To a room in the same words as anywhere."""
    with pytest.raises(UnfitTextError) as unfit:
        require_fit_text(value)
    with pytest.raises(BadFrameError) as bad:
        read_message(json.dumps({"message": value}))

    assert str(unfit.value) == str(bad.value) == why


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (None, "the frame must be text"),
        ("[" * 100_000, "the frame is nested too deep"),
        ("{", "the frame must be JSON"),
        ('["message"]', "the frame must be a JSON object"),
        ('{"text": "a"}', 'the frame must have a "message"'),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_frame_that_is_no_message_is_told_why(frame: str | None, why: str) -> None:
    """None stands for a binary one."""
    with pytest.raises(BadFrameError) as bad:
        read_message(frame)

    assert str(bad.value) == why


EDIT = {"id": "e1", "revision": 3, "text": "a"}


@pytest.mark.parametrize(
    "edit",
    [EDIT, EDIT | {"revision": 0}, EDIT | {"revision": 2**31 - 1}, EDIT | {"id": "x" * 64}],
    ids=lambda edit: str(edit)[:40],
)
def test_an_edit_is_read(edit: dict[str, object]) -> None:
    """Up to the largest revision and the longest name."""
    read = read_edit(json.dumps(edit))

    assert read == Edit(id=str(edit["id"]), revision=int(str(edit["revision"])), text="a")


NO_REVISION = 'the frame must have the "revision" that it edits'


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (None, "the frame must be JSON"),
        ("{", "the frame must be JSON"),
        ("[" * 100_000, "the frame must be JSON"),
        ("[]", "the frame must be a JSON object"),
        (json.dumps({"id": "e1", "text": "a"}), NO_REVISION),
        *((json.dumps(EDIT | {"revision": wrong}), NO_REVISION) for wrong in (-1, 2**31, True, "3", 3.0, None)),
        (json.dumps({"id": "e1", "revision": 3}), 'the frame must have a "text"'),
        (json.dumps({"revision": 3, "text": "a"}), "the text must be a string"),
        (json.dumps(EDIT | {"text": " "}), "the text is empty"),
        (json.dumps(EDIT | {"id": ""}), "the text is empty"),
        (json.dumps(EDIT | {"id": "x" * 65}), "the id is longer than 64 characters"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_frame_that_is_no_edit_is_told_why(frame: str | None, why: str) -> None:
    """None stands for a binary one."""
    with pytest.raises(BadEditError) as bad:
        read_edit(frame)

    assert str(bad.value) == why


@pytest.mark.parametrize("name", ["a", "大廳", "é", "x" * 64, "a b", "👩‍💻"])
def test_a_room_may_be_called_anything(name: str) -> None:
    """Of 64 characters at most, in any language."""
    path = reverse("room", args=[name])

    assert resolve(unquote(path)).kwargs == {"room": name}
    assert len(group_of(name)) < 100


@pytest.mark.parametrize("name", ["", "x" * 65, "a/b", "a\nb", "a\x00", "\ud800"], ids=ascii)
def test_a_room_may_not_be_called_this(name: str) -> None:
    """Too long, split by a slash, or with a character that no database takes."""
    with pytest.raises(Resolver404):
        resolve(reverse("room", args=["lobby"]).replace("lobby", name))
    with pytest.raises(NoReverseMatch):
        reverse("room", args=[name])


def test_no_two_rooms_share_a_group() -> None:
    """A hash: 64 hexadecimal digits behind the app's own word."""
    assert group_of("a") != group_of("b")
    assert group_of("a") == "chat.ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
