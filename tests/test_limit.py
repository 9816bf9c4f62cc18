"""A spec that hangs is given up with the place where it waits; any other ends as it would."""

from __future__ import annotations

import asyncio

import pytest

from channels_conformance import limit
from channels_conformance.limit import Hung, limited
from channels_conformance.traffic.communicator import WebsocketClient

pytestmark = pytest.mark.asyncio


async def silent(scope: object, receive: object, send: object) -> None:
    """Answer nobody."""
    await asyncio.Event().wait()


async def waits_for_ever(url: str = "/") -> None:
    """Wait, in a module of ours, for what never comes."""
    client = WebsocketClient(silent, url)
    try:
        await client.receive_output(None)
    finally:
        client.future.cancel()


async def test_a_spec_that_hangs_is_given_up_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """And its own cleaning up is waited for."""
    monkeypatch.setattr(limit, "LONGEST", 0.01)
    cleaned = []

    async def spec() -> None:
        try:
            await waits_for_ever()
        finally:
            await asyncio.sleep(0)
            cleaned.append(True)

    place = (
        r"it had not ended after 0\.01 s, and waited in traffic/communicator\.py:\d+ \(WebsocketClient\.receive_output"
    )
    with pytest.raises(Hung, match=place):
        await limited(spec)()

    assert cleaned == [True]


async def test_one_that_takes_no_notice_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it help to raise something else instead."""
    monkeypatch.setattr(limit, "LONGEST", 0.01)
    monkeypatch.setattr(limit, "GRACE", 0.01)
    told = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await told.wait()

    async def wild() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("in the end")

    for spec in (stubborn, wild):
        with pytest.raises(Hung, match="waited in an unknown place"):
            await limited(spec)()
    told.set()


async def test_what_ends_is_as_it_was() -> None:
    """With what it was given, and with what it raises."""

    async def spec(told: list[str]) -> None:
        told.append("judged")
        if len(told) > 1:
            raise AssertionError("twice")

    told: list[str] = []
    await limited(spec)(told=told)
    with pytest.raises(AssertionError, match="twice"):
        await limited(spec)(told=told)

    assert told == ["judged", "judged"]


async def test_a_spec_that_is_cancelled_is_cancelled() -> None:
    """And has cleaned up when whoever cancelled it goes on."""
    begun, cleaned = asyncio.Event(), []

    async def spec() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    task = asyncio.ensure_future(limited(spec)())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert cleaned == [True]
