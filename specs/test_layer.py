"""The contract of a channel layer: what becomes of a message between its sender and the one who reads it.

Each layer of the subject is spoken to directly, in an instance of its own with the subject's own settings.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.checks import (
    channels_named_well,
    crossed,
    duplicated,
    lossy,
    lost,
    reordered,
    took,
    unaltered,
    whole,
)
from channels_conformance.spec import claim, judge_layer, not_applicable
from channels_conformance.subject.layer import TYPE
from channels_conformance.subject.layers import JudgedLayer
from channels_conformance.traffic import streams

SPEC = "Channels docs: Channel Layer Specification"

CAPACITY = 5
MEGABYTE = 1_000_000  # a message of so many characters, its key included, is what every layer must carry


@claim("layer/message-arrives-once", level="must", source=f"{SPEC}, Channels", evidence="delivered")
async def test_a_message_arrives_once(layer: JudgedLayer) -> None:
    """A message that is sent to a channel comes out of it once."""
    async with layer.play() as play:
        reader = await play.reader("alice")
        for _ in range(60):
            await play.say(reader)
            await play.catch_up(reader)

    judge_layer(play.history, lost, duplicated, claim="layer/message-arrives-once", platform=layer.platforms)


@claim("layer/one-sender-is-heard-in-order", level="must", source=f"{SPEC}, Channel Semantics", evidence="delivered")
async def test_one_sender_is_heard_in_order(layer: JudgedLayer) -> None:
    """Messages that one sender sends one after another to a channel come out of it in that order."""
    async with layer.play() as play:
        reader = await play.reader("alice")
        for _ in range(20):
            await play.say(reader)
        await play.catch_up(reader)

    judge_layer(play.history, lost, reordered, claim="layer/one-sender-is-heard-in-order", platform=layer.platforms)


@claim("layer/channel-has-its-own-reader", level="must", source=f"{SPEC}, Channels", evidence="delivered")
async def test_a_channel_has_its_own_reader(layer: JudgedLayer) -> None:
    """What is sent to a channel of a process is heard by the reader of that channel, and by no other of the process."""
    async with layer.play() as play:
        alice, bob = await play.reader("alice"), await play.reader("bob")
        for reader in (alice, bob, bob, alice):
            await play.say(reader)
        await play.catch_up(alice, bob)

    judge_layer(play.history, lost, crossed, claim="layer/channel-has-its-own-reader", platform=layer.platforms)


@claim("layer/new-channels-have-names-of-their-own", level="must", source=f"{SPEC}, Channels", evidence="none")
async def test_new_channels_have_names_of_their_own(layer: JudgedLayer) -> None:
    """Each new channel has a valid process-specific name that no other has."""
    async with layer.play() as play:
        for _ in range(200):
            await play.new_channel()

    judge_layer(
        play.history,
        channels_named_well,
        claim="layer/new-channels-have-names-of-their-own",
        platform=layer.platforms,
    )


@claim("layer/what-may-be-sent-arrives-equal", level="must", source=f"{SPEC}, Messages", evidence="none")
@given(values=st.dictionaries(st.sampled_from("abc"), streams.layer_values(), min_size=1))
async def test_what_may_be_sent_arrives_equal(layer: JudgedLayer, values: Any) -> None:
    """A message of text, bytes, numbers, booleans, None, lists and dicts is read equal to what was sent."""
    every = {"text": "é", "bytes": b"\x00\xff", "whole": -(2**63), "half": 0.5, "none": None, "yes": True, "list": [{}]}
    async with layer.play() as play:
        reader = await play.reader("alice")
        for sent in (values, every):
            message = {"type": TYPE, "sent": sent}
            await play.ask("a message of the types that may be sent", play.layer.send(reader.channel, message))
            judge_layer(play.history, took, claim="layer/what-may-be-sent-arrives-equal", platform=layer.platforms)
            play.handed(reader, message, await play.read(reader))

    judge_layer(play.history, unaltered, claim="layer/what-may-be-sent-arrives-equal", platform=layer.platforms)


@claim("layer/a-megabyte-arrives", level="must", source=f"{SPEC}, Channel Semantics", evidence="none")
async def test_a_megabyte_arrives(layer: JudgedLayer) -> None:
    """A message of one megabyte as JSON is read whole."""
    async with layer.play() as play:
        reader = await play.reader("alice")
        message = {"type": TYPE, "sent": "x" * (MEGABYTE - 100)}
        await play.ask("a message of one megabyte", play.layer.send(reader.channel, message))
        judge_layer(play.history, took, claim="layer/a-megabyte-arrives", platform=layer.platforms)
        play.handed(reader, message, await play.read(reader))

    judge_layer(play.history, unaltered, claim="layer/a-megabyte-arrives", platform=layer.platforms)


@claim("layer/what-was-sent-cannot-be-changed", level="must", source="django/asgiref#6", evidence="none")
async def test_what_was_sent_cannot_be_changed(layer: JudgedLayer) -> None:
    """What the sender does to its own dict after it has sent it does not show in what is read."""
    async with layer.play() as play:
        alone, member = await play.reader("alice"), await play.reader("bob", group="a.group")
        message: dict[str, Any] = {"type": TYPE, "list": ["as sent"]}
        before = {"type": TYPE, "list": ["as sent"]}
        await play.call("send", alone.channel, message)
        await play.call("group_send", member.group, message)
        message["list"].append("added later")
        message["added"] = "later"
        for reader in (alone, member):
            play.handed(reader, before, await play.read(reader))

    judge_layer(play.history, unaltered, claim="layer/what-was-sent-cannot-be-changed", platform=layer.platforms)


@claim("layer/members-share-no-message", level="should", source="django/channels#1427", evidence="none")
async def test_members_share_no_message(layer: JudgedLayer) -> None:
    """What one member of a group does to the dict that it reads does not show in what the next one reads."""
    async with layer.play() as play:
        members = [await play.reader(name, group="a.group") for name in ("alice", "bob")]
        sent = {"type": TYPE, "list": ["as sent"]}
        await play.call("group_send", "a.group", sent)
        for reader in members:
            came = await play.read(reader)
            play.handed(reader, {"type": TYPE, "list": ["as sent"]}, came)
            came.pop("type", None)
            came["list"].append(f"added by {reader.id}")

    judge_layer(play.history, unaltered, claim="layer/members-share-no-message", platform=layer.platforms)


@claim("layer/full-channel-only-loses", level="must", source=f"{SPEC}, Capacity", evidence="delivered")
async def test_a_full_channel_only_loses(layer: JudgedLayer) -> None:
    """Beyond its capacity a channel refuses or drops messages, but doubles and reorders none, and then goes on."""
    try:
        play = layer.play(capacity=CAPACITY)
    except TypeError:
        not_applicable("the layer cannot be told a capacity")
    async with play:
        reader = await play.reader("alice")
        for _ in range(3 * CAPACITY - 2):  # no multiple of it, or what goes round would come out right
            await play.say(reader)
        await play.catch_up(reader, full=True)
        judge_layer(play.history, *lossy, claim="layer/full-channel-only-loses", platform=layer.platforms)

        again = play.again()
        reader = await again.reader("alice", channel=reader.channel)
        await again.say(reader)
        await again.catch_up(reader)

    judge_layer(again.history, *whole, claim="layer/full-channel-only-loses", platform=layer.platforms)


@claim("layer/full-group-raises-nothing", level="must", source=f"{SPEC}, Capacity", evidence="delivered")
async def test_a_full_group_raises_nothing(layer: JudgedLayer) -> None:
    """A message to a group whose members are full is dropped for them without an error."""
    try:
        play = layer.play(capacity=CAPACITY)
    except TypeError:
        not_applicable("the layer cannot be told a capacity")
    async with play:
        members = [await play.reader(name, group="a.group") for name in ("alice", "bob")]
        for _ in range(3 * CAPACITY):
            await play.say(members[0])
        await play.catch_up(*members, full=True)

    judge_layer(play.history, took, claim="layer/full-group-raises-nothing", platform=layer.platforms)


@claim("layer/capacities-by-channel-can-be-set", level="must", source=f"{SPEC}, Capacity", evidence="none")
async def test_capacities_by_channel_can_be_set(layer: JudgedLayer) -> None:
    """A layer that is told the capacity of some channels takes messages to these, and to others."""
    try:
        play = layer.play(channel_capacity={"jobs.*": CAPACITY, "specific.*": CAPACITY})
    except TypeError:
        not_applicable("the layer cannot be told the capacity of a channel")
    async with play:
        for channel in (await play.new_channel(), "jobs.mail", "elsewhere"):
            await play.ask("a message, with capacities by channel", play.layer.send(channel, {"type": TYPE}))

    judge_layer(play.history, took, claim="layer/capacities-by-channel-can-be-set", platform=layer.platforms)


@claim("layer/idle-reader-holds-up-nobody", level="must", source=f"{SPEC}, Capacity", evidence="delivered")
async def test_an_idle_reader_holds_up_nobody(layer: JudgedLayer) -> None:
    """One who does not read, and whose channel is full, keeps no other reader of the process waiting."""
    try:
        play = layer.play(capacity=CAPACITY)
    except TypeError:
        not_applicable("the layer cannot be told a capacity")
    async with play:
        idle, busy = await play.reader("alice"), await play.reader("bob")
        for _ in range(2 * CAPACITY):
            await play.leave_unread(idle)
            await play.say(busy)
            if not await play.hears(busy):
                break

    judge_layer(play.history, lost, claim="layer/idle-reader-holds-up-nobody", platform=layer.platforms)
