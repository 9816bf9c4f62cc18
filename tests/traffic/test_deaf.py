"""The client that goes on sending once it has been closed."""

from __future__ import annotations

import asyncio
import contextlib
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from websockets.asyncio.server import ServerConnection, serve

from channels_conformance.traffic import origins
from channels_conformance.traffic.client import Accepted, Closed, Refused
from channels_conformance.traffic.deaf import DeafClient
from channels_conformance.traffic.wire import WireClient

if TYPE_CHECKING:
    from websockets.http11 import Request, Response


def _client(server: object) -> DeafClient:
    port = next(iter(server.sockets)).getsockname()[1]  # type: ignore[attr-defined]
    return DeafClient(WireClient(f"ws://127.0.0.1:{port}/", cookies={"sessionid": "s"}))


@pytest.mark.asyncio
async def test_it_sends_after_it_was_closed_and_tells_the_code() -> None:
    """A frame is read, a close is heard and not answered, and what is sent afterwards still leaves."""
    over = asyncio.Event()

    async def handler(connection: ServerConnection) -> None:
        await connection.send("one")
        await connection.send(b"two")
        closing = asyncio.create_task(connection.close(4401))
        await over.wait()
        connection.transport.abort()
        await closing

    async with serve(handler, "127.0.0.1", 0) as server:
        client = _client(server)
        assert await client.open(5) == Accepted(None)
        assert [await client.receive(), await client.receive()] == ["one", b"two"]
        await client.send("still here")
        over.set()
        with pytest.raises(Closed) as closed:
            await client.receive()
        assert closed.value.code == 4401
        await client.abort()


@pytest.mark.asyncio
async def test_it_is_refused_like_anybody() -> None:
    """A handshake that is answered with an HTTP status is a refusal, and its cookies were sent along."""
    cookies: list[str] = []

    def refuse(connection: ServerConnection, request: Request) -> Response:
        cookies.append(request.headers["Cookie"])
        return connection.respond(HTTPStatus.FORBIDDEN, "")

    async def handler(connection: ServerConnection) -> None:
        with contextlib.suppress(Exception):
            await connection.recv()

    async with serve(handler, "127.0.0.1", 0, process_request=refuse) as server:
        assert await _client(server).open(5) == Refused(403)

    assert cookies == ["sessionid=s"]


@given(site=origins.strangers())
def test_no_stranger_is_the_site_itself(site: str) -> None:
    """A stranger's host ends in a name that nobody can own."""
    assert (urlsplit(site).hostname or "").rpartition(".")[2] in {"example", "test", "invalid"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_lookalike_is_the_site_itself(host: str) -> None:
    """A look-alike holds no host that is the site's own, and each is another."""
    found = origins.lookalikes(host, 8000)

    assert len(set(found)) == len(found) > 10
    assert host not in {urlsplit(origin).hostname for origin in found}
