"""The contract of a channel layer: groups, names, and what it forgets."""

from __future__ import annotations

import string
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.checks import crossed, declined, expired, kept_nothing, lapsed, lost, took, whole
from channels_conformance.fixtures import Age
from channels_conformance.spec import claim, judge_layer, not_applicable
from channels_conformance.subject.aging import EXPIRY
from channels_conformance.subject.kept import visits
from channels_conformance.subject.layer import TYPE
from channels_conformance.subject.layers import JudgedLayer
from channels_conformance.traffic import characters

SPEC = "Channels docs: Channel Layer Specification"

VALID = string.ascii_letters + string.digits + "._-"
VISITORS = 8
LONGEST = 99  # what Channels' own check lets pass; the specification's hundred have a claim of their own

# Longer ones are not among them: the specification sets a least length that must be taken, and no greatest one.
INVALID = ("", "a room", "a/room", "a:room", "a!room", "a?room", "café", "大廳", "a\x00b", "a\nb", "room\n\n")
LOOKALIKES = ("room\n", "room١٢", "room１２")  # a newline at the end, Arabic-Indic and full-width digits

expired_in_a_second = partial(expired, expiry=EXPIRY)
lapsed_in_a_second = partial(lapsed, group_expiry=EXPIRY)


@claim("layer/joining-twice-delivers-once", level="must", source=f"{SPEC}, Specification Details", evidence="delivered")
async def test_joining_twice_delivers_once(layer: JudgedLayer) -> None:
    """A channel that is added twice to a group hears each message to it once."""
    async with layer.play() as play:
        reader = await play.reader("alice", group="a.group")
        await play.call("group_add", "a.group", reader.channel)
        for _ in range(3):
            await play.say(reader)
            await play.catch_up(reader)

    judge_layer(play.history, *whole, claim="layer/joining-twice-delivers-once", platform=layer.platforms)


@claim("layer/who-left-hears-nothing", level="must", source=f"{SPEC}, Specification Details", evidence="delivered")
async def test_who_left_hears_nothing(layer: JudgedLayer) -> None:
    """A channel that is taken out of a group hears nothing that is sent to it from then on, and the others do."""
    async with layer.play() as play:
        stays = await play.reader("alice", group="a.group")
        leaves = await play.reader("bob", group="a.group")
        await play.call("group_discard", "a.group", leaves.channel)

        # From here on the one that left is owed what is sent to its own channel, and to no group.
        again = play.again()
        member = await again.reader("alice", group="a.group", channel=stays.channel)
        left = await again.reader("bob", channel=leaves.channel)
        await again.say(member)
        await again.catch_up(member, left)

    judge_layer(again.history, lost, crossed, claim="layer/who-left-hears-nothing", platform=layer.platforms)


@claim("layer/discarding-a-stranger-does-nothing", level="must", source="django/channels_redis#343", evidence="none")
async def test_discarding_a_stranger_does_nothing(layer: JudgedLayer) -> None:
    """A channel that is taken out of a group that it is not in, or that nobody is in, makes no error."""
    async with layer.play() as play:
        member, stranger = await play.reader("alice", group="a.group"), await play.reader("bob")
        for group in (member.group, "another.group"):
            await play.ask("a stranger's group_discard", play.layer.group_discard(group, stranger.channel))

    judge_layer(play.history, took, claim="layer/discarding-a-stranger-does-nothing", platform=layer.platforms)


@claim("layer/empty-group-is-silent", level="must", source=f"{SPEC}, Groups", evidence="none")
async def test_an_empty_group_is_silent(layer: JudgedLayer) -> None:
    """A message to a group that has no member, or none any more, makes no error."""
    async with layer.play() as play:
        reader = await play.reader("alice", group="a.group")
        await play.call("group_discard", reader.group, reader.channel)
        for group in (reader.group, "another.group"):
            await play.ask("a message to an empty group", play.layer.group_send(group, {"type": TYPE}))

    judge_layer(play.history, took, claim="layer/empty-group-is-silent", platform=layer.platforms)


@claim("layer/valid-names-are-taken", level="must", source=f"{SPEC}, Strings and Unicode", evidence="none")
@given(name=st.text(characters.of(VALID), min_size=1, max_size=LONGEST))
async def test_valid_names_are_taken(layer: JudgedLayer, name: str) -> None:
    """A group or a channel may be named with ASCII letters, digits, dots, hyphens and underscores, up to 99."""
    async with layer.play() as play:
        for one in (name, "-", VALID, "x" * LONGEST):
            await play.name(one)

    judge_layer(play.history, took, claim="layer/valid-names-are-taken", platform=layer.platforms)


@claim("layer/names-of-a-hundred-are-taken", level="must", source=f"{SPEC}, Channel Semantics", evidence="none")
async def test_names_of_a_hundred_are_taken(layer: JudgedLayer) -> None:
    """A group or a channel may have a name of a hundred characters."""
    async with layer.play() as play:
        await play.name("x" * 100)

    judge_layer(play.history, took, claim="layer/names-of-a-hundred-are-taken", platform=layer.platforms)


@claim("layer/invalid-names-are-refused", level="must", source=f"{SPEC}, Strings and Unicode", evidence="none")
async def test_invalid_names_are_refused(layer: JudgedLayer) -> None:
    """A group or a channel whose name holds anything else, or nothing at all, is refused where it is named."""
    async with layer.play() as play:
        for name in INVALID:
            await play.name(name)

    judge_layer(play.history, declined, claim="layer/invalid-names-are-refused", platform=layer.platforms)


@claim("layer/look-alike-names-are-refused", level="must", source=f"{SPEC}, Strings and Unicode", evidence="none")
async def test_look_alike_names_are_refused(layer: JudgedLayer) -> None:
    """A group or a channel is refused whose name ends in a newline, or holds digits of another script."""
    async with layer.play() as play:
        for name in LOOKALIKES:
            await play.name(name)

    judge_layer(play.history, declined, claim="layer/look-alike-names-are-refused", platform=layer.platforms)


@claim("layer/flush-leaves-nothing", level="must", source=f"{SPEC}, Specification Details", evidence="delivered")
async def test_flush_leaves_nothing(layer: JudgedLayer) -> None:
    """After flush() no message and no member is left, and the layer can be used as if it were new."""
    if "flush" not in layer.extensions:
        not_applicable("the layer does not claim the flush extension")
    if not layer.ours:
        not_applicable("the layer knows no prefix, so that its flush() could empty what is not the run's")
    async with layer.play() as play:
        before = await play.reader("alice", group="a.group")
        await play.say(before)
        await play.call("flush")

        again = play.again()
        after = await again.reader("bob", group="a.group")
        await again.say(after)
        await again.catch_up(after)
        flushed = await again.reader("alice", channel=before.channel)
        await again.catch_up(flushed)

    judge_layer(again.history, *whole, claim="layer/flush-leaves-nothing", platform=layer.platforms)


@claim("layer/nothing-is-kept-of-who-has-gone", level="must", source="django/channels_redis#212", evidence="delivered")
async def test_nothing_is_kept_of_who_has_gone(layer: JudgedLayer) -> None:
    """Of a reader that has left its group and stopped waiting a layer keeps no channel, group, lock or key."""
    async with layer.play() as play:
        await visits(layer, play, 2, 2 + VISITORS)

    judge_layer(play.history, kept_nothing, claim="layer/nothing-is-kept-of-who-has-gone", platform=layer.platforms)


@claim("layer/nothing-is-kept-of-a-lone-reader", level="must", source="django/channels_redis#212", evidence="delivered")
async def test_nothing_is_kept_of_a_lone_reader(layer: JudgedLayer) -> None:
    """A reader that stops waiting where no other waits is forgotten as well."""
    async with layer.play() as play:
        await visits(layer, play, 2, 2 + VISITORS, alone=True)

    judge_layer(play.history, kept_nothing, claim="layer/nothing-is-kept-of-a-lone-reader", platform=layer.platforms)


@claim("layer/expired-message-is-not-delivered", level="must", source=f"{SPEC}, Channels", evidence="none", last=True)
async def test_an_expired_message_is_not_delivered(layer: JudgedLayer, age: Age) -> None:
    """A message that nobody read before its expiry does not come out of its channel any more."""
    history = (await age(layer)).message
    if history is None:
        not_applicable("the layer cannot be told an expiry")

    judge_layer(history, expired_in_a_second, claim="layer/expired-message-is-not-delivered", platform=layer.platforms)


@claim("layer/membership-expires", level="must", source=f"{SPEC}, Persistence", evidence="none", last=True)
async def test_membership_expires(layer: JudgedLayer, age: Age) -> None:
    """A channel that was added to a group longer ago than group_expiry hears nothing that is sent to it."""
    history = (await age(layer)).member
    if history is None:
        not_applicable("the layer cannot be told a group_expiry")

    judge_layer(history, lapsed_in_a_second, claim="layer/membership-expires", platform=layer.platforms)
