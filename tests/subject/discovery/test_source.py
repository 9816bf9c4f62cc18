"""What the source of a consumer lets one guess."""

from __future__ import annotations

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from channels_conformance.subject.discovery.source import Vocabulary, openings, sayings, vocabulary


class Chat(AsyncWebsocketConsumer):
    """Takes commands, in a match statement and in a table."""

    commands: dict[str, Any] = {"subscribe": None, "speak": None}  # noqa: RUF012 -- as projects write it

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Read a frame in every way that one can be read."""
        content = json.loads(text_data or "")
        if content["action"] in ("speak", "whisper") and content.get("topic"):
            await self.send(content["remark"])
        match content:
            case {"kind": "post", "payload": {"words": str(_), "loud": bool(_), "seat": int(_)}, "tags": [str(_), *_]}:
                pass


def test_the_words_of_the_source_are_found() -> None:
    """Keys that are looked up, values that are compared, and whole patterns."""
    words = vocabulary(Chat, texts=("column",))

    assert {"action", "topic", "remark", "kind", "payload", "words", "column"} <= set(words.keys)
    assert {"speak", "whisper", "subscribe", "post"} <= set(words.values)
    pattern = {"kind": "post", "payload": {"words": "{text}", "loud": False, "seat": 1}, "tags": ["{text}"]}
    assert pattern in words.patterns


def test_every_saying_holds_a_text_and_the_plainest_comes_first() -> None:
    """A raw text, then what the source names, in every wrapping that it names."""
    found = sayings(vocabulary(Chat))

    assert found[0] == "{text}"
    assert all("{text}" in one for one in found)
    assert len(found) == len(set(found))
    assert '{"remark": "{text}"}' in found
    assert '{"action": "speak", "remark": "{text}"}' in found
    assert '{"message": "{text}"}' in sayings(Vocabulary()), "what everybody says, where the source says nothing"


def test_openings_name_a_room() -> None:
    """What might have to be sent first, where the source knows how to join."""
    assert openings(vocabulary(Chat)) == [
        '{"action": "subscribe", "topic": "{room}"}',
        '{"kind": "subscribe", "topic": "{room}"}',
    ]
    assert openings(Vocabulary()) == []
