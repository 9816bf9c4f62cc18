"""What the stages of a subject wait for, and what cannot reach it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from channels.layers import InMemoryChannelLayer, channel_layers

from channels_conformance.history import Event, Kind
from channels_conformance.subject import stage as stages
from channels_conformance.subject.answers import DEAF, HOPELESS, Answers
from channels_conformance.subject.journal import Journal
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.stage import InProcessStage, WireStage
from channels_conformance.traffic.recording import GIVEN_UP
from channels_conformance.traffic.streams import NAMES
from tests.subject.test_journal import DEADLINE

REDIS_PY_GIVES_UP = 5.0  # seconds: the default socket_timeout of redis-py 8
NOBODY_COMES = 0.01  # seconds after which what never comes is given up


def subject() -> Any:
    """Return as much of a subject as its stages look at."""
    run = SimpleNamespace(journal=Journal(), answers=Answers(), redis=None)
    return SimpleNamespace(run=run, has_push=lambda endpoint: False, members=dict)


def wire(of: Any) -> WireStage:
    """Return a stage on a subject's servers, of which there are none."""
    return WireStage(of, cast("Endpoint", _ENDPOINT), [])


_ENDPOINT = SimpleNamespace(name="room", hears="group", admits_all=True, parameters={}, noise=())


def happened(of: Any, key: str, *kinds: Kind) -> None:
    """Note what a worker reported of a connection."""
    for kind in kinds:
        of.run.journal.add(Event(at=1.0, kind=kind, connection=key))


@pytest.mark.asyncio
async def test_an_application_that_outlives_its_consumer_is_waited_for_a_few_times_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each wait is from the stop on, and shorter still once it has been in vain often enough.

    That the consumer has stopped is an end, so that a play does not give up for it. A wait that was short already
    proves nothing.
    """
    monkeypatch.setattr(stages, "LINGERING", NOBODY_COMES)
    monkeypatch.setattr(stages, "GIVEN_UP", NOBODY_COMES / 2)
    one = subject()
    stage = wire(one)

    async def ending(key: str, deadline: float) -> Kind | None:
        ended = await stage.ended(key, deadline=deadline)
        return ended.kind if ended else None

    happened(one, "dave#1", Kind.STOPPED)
    for _ in range(HOPELESS):
        assert await ending("dave#1", NOBODY_COMES / 2) is Kind.STOPPED

    for number in range(HOPELESS):
        assert not one.run.answers.lingers("room")
        happened(one, f"alice#{number}", Kind.STOPPED)
        assert await ending(f"alice#{number}", DEADLINE) is Kind.STOPPED

    assert one.run.answers.lingers("room")
    happened(one, "bob#1", Kind.STOPPED)
    assert await ending("bob#1", DEADLINE) is Kind.STOPPED
    happened(one, "carol#1", Kind.STOPPED, Kind.RETURNED)
    assert await ending("carol#1", DEADLINE) is Kind.RETURNED
    happened(one, "erin#1", Kind.CRASHED)
    assert await ending("erin#1", DEADLINE) is Kind.CRASHED


def test_no_wait_for_an_application_comes_near_to_where_redis_py_gives_up() -> None:
    """A play in which one after the other lingers keeps silent for less than that."""
    assert HOPELESS * stages.LINGERING + (len(NAMES) - HOPELESS) * GIVEN_UP < REDIS_PY_GIVES_UP


@pytest.mark.asyncio
async def test_a_consumer_that_never_stops_is_not_said_to_linger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it ends is what the specs ask, and each waits for as long as it may."""
    monkeypatch.setattr(stages, "GIVEN_UP", NOBODY_COMES / 2)
    one = subject()

    for number in range(HOPELESS + 1):
        assert await wire(one).ended(f"alice#{number}", deadline=NOBODY_COMES) is None

    assert not one.run.answers.lingers("room")


@pytest.mark.asyncio
async def test_a_layer_in_memory_reaches_no_consumer_of_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process it does."""
    layer = InMemoryChannelLayer()
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    channel = await layer.new_channel()
    here = InProcessStage(subject(), cast("Endpoint", _ENDPOINT), cast("Any", None))

    assert not await wire(subject()).raise_in(channel, "default")
    assert channel not in layer.channels
    assert await here.raise_in(channel, "default")
    assert await layer.receive(channel) == {"type": "conformance.unheard.of"}


def test_an_endpoint_whose_clients_never_hear_themselves_is_not_waited_for_again_and_again() -> None:
    """In this process or over the wire, each for itself; one that ever heard itself is proof that they can."""
    one = subject()
    inside, outside = InProcessStage(one, cast("Endpoint", _ENDPOINT), cast("Any", None)), wire(one)
    answers = one.run.answers

    for _ in range(DEAF):
        assert not answers.deaf(inside.name)
        inside.proved(heard=False)

    assert answers.deaf(inside.name)
    assert not answers.deaf(outside.name)
    inside.proved(heard=True)
    assert not answers.deaf(inside.name)
