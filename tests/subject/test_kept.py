"""How much a channel layer is found to keep."""

from __future__ import annotations

import asyncio
from collections import deque
from types import SimpleNamespace
from weakref import WeakKeyDictionary

import pytest

from channels_conformance.subject.kept import entries


class Locks:
    """What a layer keeps in an object of its own."""

    def __init__(self) -> None:
        self.locks = {"a": object()}


class Layer:
    """A layer with every kind of container in it, and what is none of its own."""

    def __init__(self) -> None:
        self.groups = {"room": {"a": 1.0, "b": 2.0}}  # three
        self.waiting = deque(["a"])
        self.by_owner: WeakKeyDictionary[Layer, set[str]] = WeakKeyDictionary({self: {"a"}})  # two
        self.own = Locks()  # one
        self.pool = SimpleNamespace(connections=[1, 2, 3])  # of another package
        self.name = "a text is one thing, however long"
        self.myself = self


@pytest.mark.asyncio
async def test_all_that_lies_in_a_layer_is_counted_once() -> None:
    """Containers in containers, objects of the layer's own package and queues count; other packages' do not."""
    layer = Layer()

    assert entries(layer) == 7

    queue: asyncio.Queue[int] = asyncio.Queue()
    queue.put_nowait(1)
    layer.groups["hall"] = queue  # type: ignore[assignment]
    assert entries(layer) == 9
