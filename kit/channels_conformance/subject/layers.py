"""Which channel layers are judged by themselves, and instances of them that are nobody's but a spec's."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import InMemoryChannelLayer
from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

from channels_conformance.services.processes import ServiceError
from channels_conformance.subject.layer_forks import ForkingPlay
from channels_conformance.subject.layer_kinds import SETTINGS, LayerKind, kinds_of

if TYPE_CHECKING:
    from channels_conformance.claims.catalogue import Platform
    from channels_conformance.subject.run import Run

BESIDE_THE_REFERENCE = (
    "channels.layers.InMemoryChannelLayer",
    "channels_redis.core.RedisChannelLayer",
    "channels_redis.pubsub.RedisPubSubChannelLayer",
)
"""What is judged beside the reference app's own layer, so that what Channels itself offers is known."""

_METHODS = ("new_channel", "send", "receive", "group_add", "group_discard", "group_send")

_numbers = itertools.count(1)


class LayerWrong(Exception):  # noqa: N818 -- reads as what it says
    """A layer that was asked for cannot be judged; the message says why, and what to write instead."""


class NoService(Exception):  # noqa: N818 -- the layer is well, and only cannot be judged here
    """A layer needs a service, and there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLayer:
    """A layer that was asked for by ``--layer``: the dotted path of its class, and settings for it."""

    path: str
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """How it is asked for."""
        return f"{self.path}:{json.dumps(dict(self.config))}" if self.config else self.path

    @classmethod
    def read(cls, text: str) -> Self:
        """Read ``DOTTED.PATH`` or ``DOTTED.PATH:{"setting": value}``; raise :class:`LayerWrong` for anything else."""
        path, _, config = text.partition(":")
        if not all(part.isidentifier() for part in path.split(".")) or "." not in path:
            raise LayerWrong(
                f"--layer {text}: {path!r} is no dotted path of a class: write --layer package.module.Class, and "
                'behind it, where it needs settings, :{"prefix": "a"}.'
            )
        try:
            given = json.loads(config) if config else {}
        except ValueError as error:
            raise LayerWrong(f"--layer {path}: its settings are no JSON ({error}): write {path}:{_EXAMPLE}.") from None
        if not isinstance(given, dict):
            raise LayerWrong(f"--layer {path}: its settings must be a JSON object: write {path}:{_EXAMPLE}.")
        return cls(path=path, config=given)


_EXAMPLE = '{"prefix": "a"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLayer:
    """A channel layer that is judged: its class, and the settings it is made with."""

    name: str
    kind: type
    config: Mapping[str, Any]
    run: Run

    @property
    def kinds(self) -> tuple[LayerKind, ...]:
        """What is known of it and of the layers that it is made from, nearest first."""
        return kinds_of(self.kind)

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """Whose layers it is made from, nearest first: what its deviations are recorded under."""
        return tuple(kind.platform for kind in self.kinds)

    @property
    def in_memory(self) -> bool:
        """Whether it keeps everything in the memory of one process."""
        return issubclass(self.kind, InMemoryChannelLayer)

    @property
    def keeps_tables(self) -> bool:
        """Whether it keeps its messages in tables, in a database of the run's own."""
        return any(kind.app for kind in self.kinds)

    @property
    def ours(self) -> bool:
        """Whether an instance shares nothing with what is not the run's, so that it may be emptied."""
        return self.in_memory or self.keeps_tables or "prefix" in self.config

    @property
    def extensions(self) -> tuple[str, ...]:
        """The extensions that the layer says it has."""
        return tuple(getattr(self.kind, "extensions", ("groups", "flush")))

    def play(self, **options: Any) -> ForkingPlay:
        """Return a play on an instance of its own, made with these settings besides.

        Raises TypeError where the layer does not know a setting.
        """
        config = self._own({**self.config, **options})
        histories = self.run.histories
        return ForkingPlay(self.kind(**config), histories, close=self._close, twin=lambda: self.kind(**config))

    def make(self) -> Any:
        """Return an instance of its own; raise as the class does."""
        return self.kind(**self._own(self.config))

    def _own(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        # A prefix ends in a mark, since whoever empties one prefix empties all that begin with it.
        prefix = f"{self.run.plan.prefix}-layer-{next(_numbers)}-"
        return {**config, "prefix": prefix} if "prefix" in config else config

    async def _close(self, layer: Any) -> None:
        for kind in self.kinds[:1]:
            await kind.close(layer)


def main_alias() -> str:
    """Return the alias of the layer that consumers use unless they say another; the first, where none is called so."""
    aliases = [*settings.CHANNEL_LAYERS]
    return DEFAULT_CHANNEL_LAYER if DEFAULT_CHANNEL_LAYER in aliases or not aliases else aliases[0]


def names(asked: Sequence[AskedLayer], *, reference: bool) -> list[str]:
    """Return the names of the layers to judge: those asked for, or else the settings' aliases and the platform's."""
    if asked:
        return [layer.path for layer in asked]
    return [*settings.CHANNEL_LAYERS, *(BESIDE_THE_REFERENCE if reference else ())]


def judged(name: str, run: Run, asked: Sequence[AskedLayer] = ()) -> JudgedLayer:
    """Return the layer of a name; raise :class:`NoService` where it needs one that is not there."""
    if not asked and name in settings.CHANNEL_LAYERS:
        layer = settings.CHANNEL_LAYERS[name]
        return JudgedLayer(name=name, kind=import_string(layer["BACKEND"]), config=layer.get("CONFIG", {}), run=run)
    kind = import_string(name)
    given = next((one.config for one in asked if one.path == name), {})
    known = kinds_of(kind)
    config = {**(_settings(known[0], run) if known else {}), **given}
    return JudgedLayer(name=name, kind=kind, config=config, run=run)


def check(asked: Sequence[AskedLayer], run: Run) -> None:
    """Make an instance of each layer that was asked for; raise :class:`LayerWrong` where one cannot be had."""
    for layer in asked:
        module, _, name = layer.path.rpartition(".")
        try:
            kind = import_string(layer.path)
        except Exception as error:
            raise LayerWrong(
                f"--layer {layer.path}: {module} has no class {name} that can be imported here "
                f"({type(error).__name__}: {error}): mend the path, or install the package that holds it."
            ) from error
        lacking = [method for method in _METHODS if not _has(kind, method)]
        if lacking:
            raise LayerWrong(f"--layer {layer.path} is no channel layer: it has no {lacking[0]}(). Name a class.")
        try:
            judged(layer.path, run, asked).make()
        except NoService:
            continue  # which the specs say
        except Exception as error:
            raise LayerWrong(
                f"--layer {layer.path} cannot be made with the settings {json.dumps(dict(layer.config))}: "
                f"{type(error).__name__}: {error}. Write {layer.path}:{{...}} with those that it needs."
            ) from error


def _has(kind: Any, method: str) -> bool:
    """Return whether a class has a method, or makes it up when asked, as the PubSub layers do."""
    return isinstance(kind, type) and (callable(getattr(kind, method, None)) or hasattr(kind, "__getattr__"))


def _settings(kind: LayerKind, run: Run) -> dict[str, Any]:
    """Return the settings with which a layer finds the run's own service."""
    if kind.service == "redis":
        if not run.redis:
            raise NoService(f"no Redis was found. {run.no_redis}")
        url = run.redis.url
    elif kind.service in ("valkey", "nats"):
        try:
            url = run.broker(kind.service)
        except ServiceError as error:
            raise NoService(str(error)) from None
    elif kind.service == "postgres":
        return {**connections[kind.app].settings_dict, **kind.settings}
    else:
        return dict(kind.settings)
    return {**_filled(SETTINGS[kind.service], url), **kind.settings}


def _filled(value: Any, url: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(one, url) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, url) for one in value]
    return url if value == "{url}" else value
