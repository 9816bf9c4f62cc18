"""Daphne does not send an empty text frame.

Package: daphne 4.2.3
Expected: the client receives an empty frame, and then the other (ASGI specification: text may be any text).
Happens: only the other arrives. The protocol class tests whether the text is true, not whether it is there.
"""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

from websockets.asyncio.client import connect


async def application(scope, receive, send):
    """Accept, and answer the first frame."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    await receive()
    await send({"type": "websocket.send", "text": ""})
    await send({"type": "websocket.send", "text": "after it"})
    await receive()


async def main(port: int, server: subprocess.Popen) -> str:
    """Say something, and look at the first frame."""
    client = await opened(port)
    await client.send("go")
    first = await asyncio.wait_for(client.recv(), 10)
    await client.close()
    return "MENDED: the empty frame came" if first == "" else f"REPRODUCED: the first frame is {first!r}"


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
