"""The contract of a channel layer: from where it can be used, by several loops, threads and processes."""

from __future__ import annotations

from channels_conformance.checks import lost, took, whole
from channels_conformance.spec import claim, judge_layer, not_applicable
from channels_conformance.subject.layers import JudgedLayer

SPEC = "Channels docs: Channel Layer Specification"


@claim("layer/another-event-loop-is-heard", level="must", source="django/channels_redis#312", evidence="delivered")
async def test_another_event_loop_is_heard(layer: JudgedLayer) -> None:
    """A thread with an event loop of its own, as sync code has, sends to a reader here, twice in turn."""
    async with layer.play() as play:
        reader, member = await play.reader("alice"), await play.reader("bob", group="a.group")
        for _ in range(2):
            for one in (reader, member):
                await play.say_from_a_thread(one)
                await play.hears(one)
        await play.catch_up(reader, member)

    judge_layer(play.history, took, *whole, claim="layer/another-event-loop-is-heard", platform=layer.platforms)


@claim("layer/forked-process-is-heard", level="must", source="django/channels_redis#332", evidence="delivered")
async def test_a_forked_process_is_heard(layer: JudgedLayer) -> None:
    """A process that is forked from this one, with the layer that was made before, sends to a reader here."""
    if layer.in_memory:
        not_applicable("the layer keeps all in the memory of one process, as its documentation says")
    async with layer.play() as play:
        reader = await play.reader("alice")
        await play.say_from_a_fork(reader)
        await play.hears(reader)
        await play.go_on(reader)

    judge_layer(play.history, took, *whole, claim="layer/forked-process-is-heard", platform=layer.platforms)


@claim("layer/who-stops-waiting-loses-nothing", level="should", source=f"{SPEC}, Channels", evidence="delivered")
async def test_who_stops_waiting_loses_nothing(layer: JudgedLayer) -> None:
    """A reader that stops waiting before anything has come, and waits again later, hears what was sent in between."""
    async with layer.play() as play:
        reader, other = await play.reader("alice"), await play.reader("bob")
        await play.give_up_waiting(reader, beside=other)
        await play.say(other)
        await play.catch_up(other)  # a layer that forgets whoever stops waiting has done so by now
        await play.say(reader)
        await play.look_again(reader)

    judge_layer(play.history, *whole, claim="layer/who-stops-waiting-loses-nothing", platform=layer.platforms)


@claim("layer/member-in-another-process-hears", level="must", source=f"{SPEC}, Groups", evidence="delivered")
async def test_a_member_in_another_process_hears(layer: JudgedLayer) -> None:
    """A message to a group is heard by a member in a process that is forked from this one and has its own layer."""
    if layer.in_memory:
        not_applicable("the layer keeps all in the memory of one process, as its documentation says")
    async with layer.play() as play:
        ear = await play.reader("alice")
        await play.say_to_a_member_in_a_fork("a.group", ear)

    judge_layer(play.history, took, lost, claim="layer/member-in-another-process-hears", platform=layer.platforms)
