"""The network between a browser and a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from channels_conformance.services.tls import certificate
from channels_conformance.traffic.relay import Relay

DEADLINE = 10

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture(loop_scope="function")
async def echo() -> AsyncIterator[Server]:
    """Start a server that says everything back."""

    async def say_back(socket: ServerConnection) -> None:
        async for frame in socket:
            await socket.send(frame)

    async with serve(say_back, "127.0.0.1", 0) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="function")
async def relay(echo: Server) -> AsyncIterator[Relay]:
    """Put a relay in front of it."""
    async with Relay("127.0.0.1", echo.sockets[0].getsockname()[1]) as relay:
        yield relay


def through(relay: Relay) -> connect:
    """Connect through a relay."""
    return connect(relay.base.replace("http", "ws"), proxy=None, open_timeout=DEADLINE, close_timeout=DEADLINE)


async def answer(socket: ClientConnection, text: str) -> str | bytes:
    """Say something, and return what comes."""
    await socket.send(text)
    async with asyncio.timeout(DEADLINE):
        return await socket.recv()


async def test_a_relay_passes_on_what_it_is_given(relay: Relay) -> None:
    """Frames go there and back, and the handshakes are counted."""
    async with through(relay) as socket:
        assert await answer(socket, "x" * 200_000) == "x" * 200_000

    assert (relay.handshakes, relay.accepted) == (1, 1)


async def test_a_handshake_is_held_up_until_it_is_released(relay: Relay) -> None:
    """It has come, and is answered only later."""
    relay.hold()
    opening = asyncio.ensure_future(through(relay).__aenter__())
    async with asyncio.timeout(DEADLINE):
        await relay.until(handshakes=1)
    assert (relay.accepted, opening.done()) == (0, False)

    relay.release()

    socket = await opening
    assert await answer(socket, "hello") == "hello"
    await socket.close()


async def test_a_cut_line_is_cut_and_stays_cut_until_it_is_mended(relay: Relay) -> None:
    """Both ends see it; who comes meanwhile is cut off as well."""
    async with through(relay) as socket:
        relay.cut(refuse=True)
        with pytest.raises(ConnectionClosed) as cut:
            await socket.recv()
    assert cut.value.rcvd is None
    with pytest.raises((OSError, EOFError, Exception)):
        await through(relay)

    relay.mend()

    async with through(relay) as socket:
        assert await answer(socket, "again") == "again"


async def test_a_deaf_line_swallows_what_browsers_send(relay: Relay) -> None:
    """What the server sends still comes, and what was swallowed never does."""
    async with through(relay) as socket:
        relay.deafen()
        await socket.send("lost")
        relay.inject("from nowhere")
        assert await socket.recv() == "from nowhere"
        relay.cut()
    relay.mend()

    async with through(relay) as socket:
        assert await answer(socket, "heard") == "heard"


@pytest.mark.parametrize("frame", ["text", "大廳", b"\x00\xff", ""])
async def test_a_frame_can_be_injected(relay: Relay, frame: str | bytes) -> None:
    """It comes as it is, of its own type, between the server's own."""
    async with through(relay) as socket:
        assert await answer(socket, "before") == "before"
        relay.inject(frame)
        assert await socket.recv() == frame
        assert await answer(socket, "after") == "after"


async def test_a_frame_to_inject_is_short(relay: Relay) -> None:
    """A longer one is refused by a sentence."""
    with pytest.raises(ValueError, match="a frame of 126 bytes: inject at most 125"):
        relay.inject("x" * 126)


async def test_a_socket_can_be_closed_with_any_code(relay: Relay) -> None:
    """The client sees the code that no server has sent."""
    async with through(relay) as socket:
        relay.close(1013)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013


async def test_a_relay_speaks_tls(echo: Server, tmp_path: Path) -> None:
    """With a certificate, it is reached over TLS, and passes on what is inside."""
    import ssl

    unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    context = certificate(tmp_path).context()

    async with (
        Relay("127.0.0.1", echo.sockets[0].getsockname()[1], tls=context) as relay,
        connect(relay.base.replace("https", "wss"), ssl=unchecked, proxy=None) as socket,
    ):
        assert relay.base.startswith("https://127.0.0.1:")
        assert await answer(socket, "hello") == "hello"


async def test_a_relay_that_is_not_open_has_no_address() -> None:
    """The error says what to do."""
    with pytest.raises(RuntimeError, match="enter it with `async with` first"):
        Relay("127.0.0.1", 1).base  # noqa: B018
