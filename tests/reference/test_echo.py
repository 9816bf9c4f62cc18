"""What the two echo consumers say back, and how they obey."""

from __future__ import annotations

import json

import pytest

from tests.reference.conftest import Visit

UNSENDABLE = {"type": "error", "error": "the close code must be 1000 or in 3000..4999"}

either = pytest.mark.parametrize("path", ["/ws/echo/", "/ws/echo/sync/"])


@either
@pytest.mark.parametrize(
    ("offered", "chosen"), [(["soap", "echo.v1"], "echo.v1"), (["echo.v1"], "echo.v1"), (["soap"], None), ([], None)]
)
async def test_the_subprotocol_is_its_own_where_that_is_offered(
    visit: Visit, path: str, offered: list[str], chosen: str | None
) -> None:
    """And none otherwise."""
    one = await visit(path, subprotocols=offered)

    assert (one.accepted, one.subprotocol) == (True, chosen)


@either
@pytest.mark.parametrize(
    "text",
    ["plain", "[]", '"close"', "null", '{"type": "open"}', '{"close": "type"}', '{"": "close"}', "[" * 100_000],
    ids=lambda text: text[:20],
)
async def test_what_is_no_command_is_said_back(visit: Visit, path: str, text: str) -> None:
    """Whatever it looks like."""
    one = await visit(path)

    await one.socket.send_to(text_data=text)

    assert await one.next() == {"type": "websocket.send", "text": text}


@either
async def test_binary_is_said_back_as_binary(visit: Visit, path: str) -> None:
    """A command in it is none."""
    one = await visit(path)
    command = b'{"type": "close", "code": 4000}'

    await one.socket.send_to(bytes_data=command)

    assert await one.next() == {"type": "websocket.send", "bytes": command}


@either
@pytest.mark.parametrize("code", [1000, 3000, 3001, 4998, 4999])
async def test_a_close_command_is_obeyed(visit: Visit, path: str, code: int) -> None:
    """With the code that it names; whatever comes after it is ignored."""
    one = await visit(path)

    await one.say({"type": "close", "code": code})
    await one.socket.send_to(text_data="too late")

    assert await one.is_closed() == code
    assert await one.leaves() == []


@either
@pytest.mark.parametrize("command", [{}, *({"code": code} for code in (999, 1001, 2999, 5000, True, "1000", 1000.0))])
async def test_a_code_that_may_not_be_sent_is_told_and_costs_nothing(
    visit: Visit, path: str, command: dict[str, object]
) -> None:
    """RFC 6455, section 7.4: an application has 1000 and its own range."""
    one = await visit(path)

    await one.say({"type": "close"} | command)
    assert await one.hears() == UNSENDABLE

    await one.socket.send_to(text_data=json.dumps("still here"))
    assert await one.hears() == "still here"
