"""The chat of the Channels tutorial, as it stands at the end of it, judged as its reader would: with one command.

It is a good tutorial and no production code. What is found is what is so, and nothing else.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from channels_conformance import claims
from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run

TUTORIAL = Path(__file__).parents[1] / "plugged" / "tutorial"

TRUE = {
    "lifecycle/bad-frames-are-survived": ("crashed", "app"),
    "lifecycle/unrouted-path-is-refused": ("crashed", "app"),
    "fanout/no-member-left-behind": ("leaked", "app"),
    "routing/any-admitted-path-is-survived": ("crashed", "app"),
    "configuration/layer-waits-are-not-cut-short": ("misconfigured", "config"),
    "consumers/missing-slash-is-no-crash": ("crashed", "app"),
}
"""What is wrong with it: the claims it breaks, what is found, and whose it is."""

SAYS = {
    "lifecycle/bad-frames-are-survived": ("JSONDecodeError", "KeyError", "TypeError", "AttributeError"),
    "lifecycle/unrouted-path-is-refused": ("No route found for path",),
    "fanout/no-member-left-behind": ("the group 'chat_lobby' still holds",),
    "routing/any-admitted-path-is-survived": ("Group name must be a valid unicode string with length < 100",),
    "configuration/layer-waits-are-not-cut-short": ("socket_timeout of 5.0 s",),
    "consumers/missing-slash-is-no-crash": ("No route found for path",),
}
"""Words of which the finding holds one; of bad frames, any may be the one that Hypothesis ends with."""

FIX = {
    "lifecycle/bad-frames-are-survived": "JSONDecodeError",
    "lifecycle/unrouted-path-is-refused": "re_path",
    "fanout/no-member-left-behind": "group_discard",
    "routing/any-admitted-path-is-survived": "[A-Za-z0-9_-]",
    "configuration/layer-waits-are-not-cut-short": '"socket_timeout": None',
    "consumers/missing-slash-is-no-crash": "re_path",
}
"""A word of the code that mends it, which each study card holds in both languages."""


def test_the_tutorials_chat_is_accused_of_what_is_true_and_of_nothing_else(run: Run, redis: Redis) -> None:
    """Zero configuration finds the true defects of the tutorial's chat, each said as it is and blamed on its own."""
    result = run("--redis-url", redis.url, cwd=TUTORIAL)

    verdicts = result.verdicts()
    assert {claim for claim, verdict in verdicts.items() if verdict == "violated"} == TRUE.keys(), result.output
    assert "unproven" not in verdicts.values(), result.output
    assert result.code == 1
    for spec in result.report["specs"]:
        if spec["verdict"] == "violated":
            for claim in spec["claims"]:
                assert {(each["anomaly"], each["blame"]) for each in spec["findings"]} == {TRUE[claim]}
                told = " ".join(each["sentence"] for each in spec["findings"])
                assert any(word in told for word in SAYS[claim]), told


def test_each_study_card_says_how_to_mend_it() -> None:
    """The answer on the card of each claim that the tutorial breaks holds the code that keeps it."""
    catalogue = claims.load()

    for claim, word in FIX.items():
        for language in claims.LANGUAGES:
            assert word in catalogue.claim(claim).study.answer.in_(language), (claim, language)


MENDED = """import json

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer


class ChatConsumer(AsyncWebsocketConsumer):
    group = ""

    async def connect(self):
        self.group = f"chat_{self.scope['url_route']['kwargs']['room_name']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, close_code):
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def dispatch(self, message):
        try:
            await super().dispatch(message)
        except StopConsumer:
            raise
        except Exception:
            await self.channel_layer.group_discard(self.group, self.channel_name)
            raise

    async def receive(self, text_data=None, bytes_data=None):
        try:
            data = json.loads(text_data or "")
        except (ValueError, RecursionError):
            return
        if isinstance(data, dict) and isinstance(data.get("message"), str):
            await self.channel_layer.group_send(self.group, {"type": "chat.message", "message": data["message"]})

    async def chat_message(self, event):
        await self.send(text_data=json.dumps({"message": event["message"]}))


class Refuse(AsyncWebsocketConsumer):
    async def connect(self):
        await self.close()
"""

ROUTING = r"""from chat import consumers
from django.urls import re_path

websocket_urlpatterns = [
    re_path(r"^ws/chat/(?P<room_name>[A-Za-z0-9_-]{1,80})/$", consumers.ChatConsumer.as_asgi()),
    re_path(r"", consumers.Refuse.as_asgi()),
]
"""


def test_the_study_cards_mend_it(run: Run, redis: Redis, tmp_path: Path) -> None:
    """The chat, changed as the study cards say, keeps the claims that it broke."""
    mended = tmp_path / "mended"
    shutil.copytree(TUTORIAL, mended, ignore=shutil.ignore_patterns("__pycache__"))
    (mended / "chat" / "consumers.py").write_text(MENDED)
    (mended / "chat" / "routing.py").write_text(ROUTING)
    settings = mended / "mysite" / "settings.py"
    host = '{"host": "127.0.0.1", "port": 6379, "socket_timeout": None}'
    settings.write_text(settings.read_text().replace('("127.0.0.1", 6379)', host))
    named = [word for claim in TRUE for word in ("--claim", claim)]

    result = run("--redis-url", redis.url, *named, cwd=mended)

    assert result.verdicts() == dict.fromkeys(TRUE, "holds"), result.output
