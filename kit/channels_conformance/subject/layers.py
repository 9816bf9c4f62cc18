"""Which channel layers are judged by themselves, and instances of them that are nobody's but a spec's."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from channels.layers import InMemoryChannelLayer
from django.conf import settings
from django.utils.module_loading import import_string

from channels_conformance.subject.layer_play import LayerPlay

if TYPE_CHECKING:
    from channels_conformance.claims.catalogue import Platform
    from channels_conformance.subject.run import Run

BESIDE_THE_REFERENCE = (
    "channels.layers.InMemoryChannelLayer",
    "channels_redis.core.RedisChannelLayer",
    "channels_redis.pubsub.RedisPubSubChannelLayer",
)
"""What is judged beside the reference app's own layer, so that what Channels itself offers is known."""

_PLATFORMS: Mapping[str, Platform] = {
    "channels.layers": "channels",
    "channels_redis.core": "channels-redis",
    "channels_redis.pubsub": "channels-redis-pubsub",
}

_numbers = itertools.count(1)


class NoRedis(Exception):  # noqa: N818 -- the layer is well, and only cannot be judged here
    """A layer needs a Redis, and there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLayer:
    """A channel layer that is judged: its class, and the settings it is made with."""

    name: str
    kind: type
    config: Mapping[str, Any]
    run: Run

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """Whose layers it is made from, nearest first: what its deviations are recorded under."""
        return tuple(_PLATFORMS[one.__module__] for one in self.kind.__mro__ if one.__module__ in _PLATFORMS)

    @property
    def in_memory(self) -> bool:
        """Whether it keeps everything in the memory of one process."""
        return issubclass(self.kind, InMemoryChannelLayer)

    @property
    def ours(self) -> bool:
        """Whether an instance shares nothing with any other, so that it may be emptied."""
        return self.in_memory or "prefix" in self.config

    @property
    def extensions(self) -> tuple[str, ...]:
        """The extensions that the layer says it has."""
        return tuple(getattr(self.kind, "extensions", ("groups", "flush")))

    def play(self, **options: Any) -> LayerPlay:
        """Return a play on an instance of its own, made with these settings besides.

        Raises TypeError where the layer does not know a setting.
        """
        config = {**self.config, **options}
        if "prefix" in config:
            # It ends in a mark, since whoever empties one prefix empties all that begin with it.
            config["prefix"] = f"{self.run.plan.prefix}-layer-{next(_numbers)}-"
        return LayerPlay(self.kind(**config), self.run.histories, close=self._close)

    async def _close(self, layer: Any) -> None:
        if "channels-redis" in self.platforms:
            await layer.close_pools()
        elif "channels-redis-pubsub" in self.platforms:
            await layer.flush()  # which closes its connections, and keeps nothing in Redis that it could delete


def names(*, reference: bool) -> list[str]:
    """Return the names of the layers to judge: the aliases of the settings, and dotted paths."""
    return [*settings.CHANNEL_LAYERS, *(BESIDE_THE_REFERENCE if reference else ())]


def judged(name: str, run: Run) -> JudgedLayer:
    """Return the layer of a name; raise :class:`NoRedis` where it needs one that is not there."""
    if name in settings.CHANNEL_LAYERS:
        layer = settings.CHANNEL_LAYERS[name]
        return JudgedLayer(name=name, kind=import_string(layer["BACKEND"]), config=layer.get("CONFIG", {}), run=run)
    config: dict[str, Any] = {}
    if name.startswith("channels_redis."):
        if not run.redis:
            raise NoRedis(f"no Redis was found. {run.no_redis}")
        config = {"hosts": [{"address": run.redis.url, "socket_timeout": None}], "prefix": ""}
    return JudgedLayer(name=name, kind=import_string(name), config=config, run=run)
