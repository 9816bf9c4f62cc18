"""Which layers are judged, whose they are, and what is told of one that cannot be."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from channels.layers import InMemoryChannelLayer
from channels_redis.core import RedisChannelLayer  # type: ignore[import-untyped]  # it has none
from channels_redis.pubsub import RedisPubSubChannelLayer  # type: ignore[import-untyped]
from django.test import override_settings

from channels_conformance.subject.layer_kinds import Router, databases_of, kinds_of
from channels_conformance.subject.layers import AskedLayer, LayerWrong, check, main_alias

if TYPE_CHECKING:
    from channels_conformance.subject.run import Run

RUN = cast("Run", SimpleNamespace(redis=None, no_redis="None was asked for.", plan=SimpleNamespace(prefix="cc")))


@pytest.mark.parametrize(
    ("layer", "platforms"),
    [
        (InMemoryChannelLayer, ["channels-memory", "channels"]),
        (RedisChannelLayer, ["channels-redis", "channels"]),
        (RedisPubSubChannelLayer, ["channels-redis-pubsub"]),
        (type("Own", (RedisChannelLayer,), {}), ["channels-redis", "channels"]),
        (dict, []),
    ],
)
def test_a_layer_is_known_by_what_it_is_made_from(layer: type, platforms: list[str]) -> None:
    """Its deviations are those of each class that it inherits from, the nearest first."""
    assert [kind.platform for kind in kinds_of(layer)] == platforms


@pytest.mark.parametrize(
    ("aliases", "main"),
    [(["default"], "default"), (["rooms", "default"], "default"), (["rooms", "spare"], "rooms"), ([], "default")],
)
def test_the_subjects_own_layer_need_not_be_called_default(aliases: list[str], main: str) -> None:
    """Where none is, the first is meant; with none at all, the name that Channels looks for in vain."""
    with override_settings(CHANNEL_LAYERS={alias: {} for alias in aliases}):
        assert main_alias() == main


def test_only_layers_that_keep_tables_need_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer's app is installed, and its database made, where the layer is asked for and its package is there."""
    paths = ("channels_redis.core.RedisChannelLayer", "channels_lite.layers.core.SQLiteChannelLayer", "a.B")
    monkeypatch.setattr("channels_conformance.subject.layer_kinds.find_spec", lambda name: name)
    assert databases_of(paths) == {"channels_lite": "django.db.backends.sqlite3"}

    monkeypatch.setattr("channels_conformance.subject.layer_kinds.find_spec", lambda name: None)
    assert databases_of(paths) == {}


def test_a_layers_tables_and_the_subjects_stay_apart() -> None:
    """Each is made in its own database, and nothing is said of what is neither."""
    router = Router()
    table = SimpleNamespace(_meta=SimpleNamespace(app_label="channels_lite"))
    message = SimpleNamespace(_meta=SimpleNamespace(app_label="chat"))

    assert router.db_for_read(table) == router.db_for_write(table) == "channels_lite"
    assert router.db_for_read(message) is None
    assert router.allow_migrate("channels_lite", "channels_lite") is True
    assert router.allow_migrate("default", "channels_lite") is False
    assert router.allow_migrate("channels_lite", "chat") is False
    assert router.allow_migrate("default", "chat") is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nowhere.Layer", "--layer nowhere.Layer: nowhere has no class Layer that can be imported here (ImportError: "),
        ("json.JSONDecoder", "--layer json.JSONDecoder is no channel layer: it has no new_channel(). Name a class."),
        ("json.dumps", "--layer json.dumps is no channel layer: it has no new_channel(). Name a class."),
        (
            'channels.layers.InMemoryChannelLayer:{"size": 1}',
            '--layer channels.layers.InMemoryChannelLayer cannot be made with the settings {"size": 1}: TypeError: ',
        ),
    ],
)
def test_a_layer_that_cannot_be_judged_is_told_in_a_sentence(text: str, sentence: str) -> None:
    """What is wrong, and what to write instead."""
    with pytest.raises(LayerWrong) as caught:
        check([AskedLayer.read(text)], RUN)

    told = str(caught.value)
    assert told.startswith(sentence) or (text.startswith("nowhere") and "nowhere has no class Layer" in told)
    assert told.endswith(".")


def test_a_layer_without_its_service_is_left_to_the_specs() -> None:
    """They say that it cannot be judged here, and why."""
    check([AskedLayer.read("channels_redis.core.RedisChannelLayer")], RUN)
