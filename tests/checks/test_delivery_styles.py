"""Apps that say and end things in their own way are read for what they mean."""

import html
import json

import pytest

from channels_conformance.history import Kind
from tests.checks.written import Script, judge, only

TEXT = "it's <b>1 & 2</b> ~one~"


def _told(script: Script, frame: str) -> None:
    """Let alice say :data:`TEXT`, and hear it in this frame."""
    script.join("alice")
    script.add(Kind.SAID, "alice", marker="~one~", text=TEXT)
    script.add(Kind.DELIVERED, "alice", detail="websocket.receive", text=json.dumps({"message": TEXT}))
    script.add(Kind.ANSWERED, "alice", detail="websocket.send", text=frame)
    script.add(Kind.RECEIVED, "alice", text=frame)
    script.fence("alice", heard_by="alice")


def test_a_text_escaped_in_html_arrived() -> None:
    """A frame that is HTML holds the text that a browser would show."""
    script = Script()

    _told(script, f'\n<div hx-swap-oob="beforeend"><p>{html.escape(TEXT)}</p></div>')

    assert judge(script.history) == {}


@pytest.mark.parametrize(
    "frame",
    [
        json.dumps({"message": html.escape(TEXT)}),  # whoever shows it as text shows what was never said
        f"<p>{html.escape(TEXT.upper()).replace('~ONE~', '~one~')}</p>",
    ],
)
def test_a_text_escaped_in_json_or_altered_in_html_did_not(frame: str) -> None:
    """An escape counts as the text only where it is read as one, and only as the text it stands for."""
    script = Script()

    _told(script, frame)

    assert "arrived altered" in only(script.history, "lost").sentence


def test_who_is_closed_while_it_leaves_is_owed_no_fence() -> None:
    """A client that begins to leave in the moment in which the application closes its connection was cut off."""
    script = Script()
    script.connect("alice")
    script.accept("alice")
    script.add(Kind.ANSWERED, "alice", detail="websocket.close", code=4404)
    script.fence("alice")
    script.add(Kind.LEAVING, "alice", code=1000)
    script.told("alice", 4404)
    script.add(Kind.CLOSED, "alice", code=4404)

    assert judge(script.history) == {}


def test_an_application_that_closes_once_it_is_told_of_the_end_owes_the_fence() -> None:
    """A close in answer to the client's own is no reason not to have answered before."""
    script = Script()
    script.connect("alice")
    script.accept("alice")
    script.fence("alice")
    script.add(Kind.LEAVING, "alice", code=1000)
    script.add(Kind.DELIVERED, "alice", detail="websocket.disconnect", code=1000)
    script.add(Kind.DISCONNECT_RAN, "alice", code=1000)
    script.add(Kind.ANSWERED, "alice", detail="websocket.close", code=1000)
    script.add(Kind.RETURNED, "alice")
    script.add(Kind.CLOSED, "alice", code=1000)

    assert "lost" in judge(script.history)
