"""Daphne drops the reason that an application closes with.

Package: daphne 4.2.3
Expected: the client is told 4123 and the reason (ASGI specification, websocket.close: reason, since 2.3).
Happens: the client is told 4123, and an empty reason (django/daphne#374).
"""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


async def application(scope, receive, send):
    """Accept, and answer the first frame."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    await receive()
    await send({"type": "websocket.close", "code": 4123, "reason": "that is why"})


async def main(port: int, server: subprocess.Popen) -> str:
    """Say something, and look at how it ends."""
    client = await opened(port)
    await client.send("go")
    try:
        await asyncio.wait_for(client.recv(), 10)
    except ConnectionClosed as closed:
        reason = closed.rcvd.reason
        return "MENDED: the reason came" if reason else f"REPRODUCED: closed by {closed.rcvd.code}, reason {reason!r}"
    return "MENDED: a frame came"


async def opened(port: int):
    for _ in range(300):
        try:
            return await connect(f"ws://127.0.0.1:{port}/")
        except OSError:
            await asyncio.sleep(0.1)
    raise SystemExit("daphne did not start")


if __name__ == "__main__":
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = Path(__file__)
    command = [sys.executable, "-m", "daphne", "-p", str(port), "-v", "0", f"{here.stem}:application"]
    server = subprocess.Popen(command, cwd=here.parent)
    try:
        print(asyncio.run(main(port, server)))
    finally:
        server.kill()
        server.wait()
