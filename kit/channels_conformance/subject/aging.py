"""What channel layers forget: messages that nobody read in time, and members that nobody added again.

It takes waiting, so all layers wait at once, and each no longer than it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from channels_conformance.history import History
from channels_conformance.subject.layer_play import Reader
from channels_conformance.subject.layers import JudgedLayer

EXPIRY = 1  # seconds: the least that a layer which counts in whole ones can be given
AGE = 2.1  # seconds after which even a layer that rounds has nothing left of EXPIRY


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """What was heard of an expired message, and what an expired member heard; None where a layer knows no expiry."""

    message: History | None
    member: History | None


@dataclass(slots=True)
class Aging:
    """The layers of a session, aged together when the first of them is asked for."""

    layers: Sequence[JudgedLayer]
    _aged: dict[str, Aged] = field(default_factory=dict)

    async def of(self, layer: JudgedLayer) -> Aged:
        """Return what a layer kept for longer than it should, if anything."""
        if not self._aged:
            found = await asyncio.gather(*(_age(one) for one in self.layers), return_exceptions=True)
            for one, aged in zip(self.layers, found, strict=True):
                if isinstance(aged, Aged):
                    self._aged[one.name] = aged
        if layer.name not in self._aged:
            return await _age(layer)  # it failed beside the others, and is to say so itself
        return self._aged[layer.name]


async def _age(layer: JudgedLayer) -> Aged:
    if layer.keeps_tables:  # which the end of one play empties under the other
        return Aged(message=await _message(layer), member=await _member(layer))
    message, member = await asyncio.gather(_message(layer), _member(layer))
    return Aged(message=message, member=member)


async def _message(layer: JudgedLayer) -> History | None:
    try:
        play = layer.play(expiry=EXPIRY)
    except TypeError:
        return None
    async with play:
        reader = await play.reader("late riser")
        await play.say(reader)
        await asyncio.sleep(AGE)
        await play.catch_up(reader)
    return play.history


async def _member(layer: JudgedLayer) -> History | None:
    try:
        play = layer.play(group_expiry=EXPIRY)
    except TypeError:
        return None
    async with play:
        reader: Reader = await play.reader("late riser", group="aging")
        await asyncio.sleep(AGE)
        await play.say(reader)
        await play.catch_up(reader)
    return play.history
