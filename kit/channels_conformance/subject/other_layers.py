"""Other channel layers than the subject's own: put in its place for a while, or two projects on one Redis."""

from __future__ import annotations

import contextlib
import inspect
import itertools
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from channels.layers import channel_layers
from django.conf import settings
from django.test.utils import override_settings
from django.utils.module_loading import import_string

from channels_conformance.history import Connection, Event, History, Kind

if TYPE_CHECKING:
    from channels_conformance.subject.run import Run

IN_MEMORY = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
IN_MEMORY_WITH_HOSTS = {
    "default": {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        "CONFIG": {"hosts": [("127.0.0.1", 6379)]},
    },
}
"""What is left where only the BACKEND of a Redis layer is changed."""

REDIS = "channels_redis.core.RedisChannelLayer"
OFFERED = (
    "channels.layers.InMemoryChannelLayer",
    REDIS,
    "channels_redis.pubsub.RedisPubSubChannelLayer",
    "channels_redis.pubsub.RedisPubSubLoopLayer",  # does the work of the one before, in each event loop
)
"""The layers that Channels and channels_redis bring."""

_numbers = itertools.count(1)


@contextlib.contextmanager
def layers_are(layers: Mapping[str, Mapping[str, Any]]) -> Iterator[None]:
    """Have CHANNEL_LAYERS be these in this process, and afterwards the very layers that were there before."""
    kept = channel_layers.backends
    try:
        with override_settings(CHANNEL_LAYERS=layers):
            yield
    finally:
        channel_layers.backends = kept


def offered() -> History:
    """Return a history of what each layer that Channels and channels_redis bring can be called for."""
    events = [
        Event(at=time.monotonic(), kind=Kind.CONFIGURED, marker="call", text=name, detail=kind)
        for kind in OFFERED
        for name, _ in inspect.getmembers(import_string(kind), callable)
        if not name.startswith("_")
    ]
    return History(events=events)


async def neighbours(run: Run, *, one_prefix: bool) -> History:
    """Return the history of two projects that use one Redis and one name for a group, where one of them speaks.

    Who hears whom is told by the audience: it is the prefix of their project. The other project's own fence comes
    behind, so that what it has not heard by then was not sent to it.
    """
    layer = settings.CHANNEL_LAYERS["default"]
    kind, config = import_string(layer["BACKEND"]), dict(layer.get("CONFIG", {}))
    number = next(_numbers)
    prefixes = [f"{run.plan.prefix}-project{number}{name}" for name in ("a", "a" if one_prefix else "b")]
    speaking, listening = (kind(**{**config, "prefix": prefix}) for prefix in prefixes)
    history = History()

    def record(what: Kind, who: str = "", **event: Any) -> None:
        history.events.append(Event(at=time.monotonic(), kind=what, connection=who, **event))

    record(Kind.CONFIGURED, marker="prefix by default", text=import_string(REDIS)(hosts=config["hosts"]).prefix)
    for who, prefix in (("speaker#1", prefixes[0]), ("listener#1", prefixes[1])):
        history.connections[who] = Connection(id=who, client=who.partition("#")[0], audience=prefix, hears="group")
        for opened in (Kind.CONNECT, Kind.ACCEPTED):
            record(opened, who)
    channels = {"speaker#1": (speaking, await speaking.new_channel())}
    channels["listener#1"] = (listening, await listening.new_channel())
    marker, fence = f"~n{number}~", f"~f{number}~"
    try:
        for who, (project, channel) in channels.items():
            await project.group_add("chat_lobby", channel)
            record(Kind.READY, who)
        record(Kind.SAID, "speaker#1", text=marker, marker=marker)
        await speaking.group_send("chat_lobby", {"type": "chat.message", "text": marker})
        for who, (project, channel) in channels.items():
            await project.send(channel, {"type": "chat.message", "text": fence})
            while (text := (await project.receive(channel))["text"]) != fence:
                record(Kind.RECEIVED, who, text=text)
            await project.group_discard("chat_lobby", channel)
    finally:
        for project, _ in channels.values():
            await project.close_pools()
    run.histories.append(history)
    return history
