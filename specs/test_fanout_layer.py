"""What fan-out rests on: the subject's channel layer itself, spoken to directly, with its own settings.

A layer promises less than most believe: at most once, and only what its serializer can hold.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.checks import lossy, lost
from channels_conformance.fixtures import MakeGroup
from channels_conformance.spec import claim, judge
from channels_conformance.traffic import streams

LAYER_SPEC = "Channels docs: Channel Layer Specification"

UNFIT = (
    datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC),
    decimal.Decimal("1.10"),
    uuid.UUID(int=1),
    {1, 2},
    object(),
)

BEYOND = 50
"""Messages that are sent beyond what the layer keeps."""


@claim("fanout/payload-types-survive-redis", level="must", source=LAYER_SPEC, needs=("redis",), evidence="none")
@given(values=st.dictionaries(st.sampled_from("abc"), streams.layer_values(), min_size=1))
async def test_payloads_survive_redis(redis_group: MakeGroup, values: Any) -> None:
    """A message of the types that the specification names reaches every member of a group equal to what was sent."""
    async with redis_group() as group:
        refusal = await group.offer(values)
        assert refusal is None, f"the layer refused {values!a}: {refusal!r}"

        heard = await group.hear()

    assert heard == [values, values], f"{values!a} arrived as {heard!a}"


@claim("fanout/payload-types-survive-redis", level="must", source=LAYER_SPEC, needs=("redis",), evidence="none")
async def test_a_tuple_arrives_as_a_list(redis_group: MakeGroup) -> None:
    """A tuple arrives as a list of the same items, as the specification allows."""
    async with redis_group() as group:
        refusal = await group.offer({"a": (1, "two", (3,))})
        assert refusal is None, f"the layer refused a tuple: {refusal!r}"

        heard = await group.hear()

    assert heard == [{"a": [1, "two", [3]]}] * 2, f"a tuple arrived as {heard!a}"


@claim(
    "fanout/payload-types-redis-cannot-hold",
    level="must",
    source="django/channels_redis#254",
    needs=("redis",),
    evidence="none",
)
@given(unfit=st.sampled_from(UNFIT), deep=st.booleans())
async def test_what_redis_cannot_hold_fails_at_the_sender(redis_group: MakeGroup, unfit: Any, deep: Any) -> None:
    """A message that Redis cannot hold fails at its sender, and nobody receives any of it."""
    message = {"a": 1, "b": [{"c": unfit}] if deep else unfit}
    async with redis_group() as group:
        refusal = await group.offer(message)
        assert refusal is not None, f"the layer took {message!a} without an error"

        await group.offer({"a": "next"})
        heard = await group.hear()

    assert heard == [{"a": "next"}] * 2, f"after a refused message came {heard!a}"


@claim(
    "fanout/burst-beyond-capacity-only-loses",
    level="must",
    source="django/channels_redis#109",
    needs=("redis",),
    evidence="delivered",
)
async def test_beyond_capacity_messages_are_lost_and_nothing_else(redis_group: MakeGroup) -> None:
    """Beyond the capacity messages may be lost, but none is doubled, invented or reordered, and the layer goes on."""
    async with redis_group() as group:
        for _ in range(group.capacity + BEYOND):
            await group.say()
        await group.catch_up()
    judge(group.history, *lossy)

    async with redis_group() as group:
        await group.say()
        await group.catch_up()
    judge(group.history, lost)
