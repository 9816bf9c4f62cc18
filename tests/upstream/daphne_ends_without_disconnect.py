"""Daphne delivers no websocket.disconnect to open connections when it is stopped.

Package: daphne 4.2.3
Expected: websocket.disconnect, so that the application can leave its groups (ASGI specification, Disconnect: sent
when either the client or the server closes the connection, or the socket is lost).
Happens: upon SIGTERM the process ends, and the application is told nothing (django/daphne#177).
"""

import asyncio
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from websockets.asyncio.client import connect

SEEN = Path(tempfile.gettempdir()) / "seen"


async def application(scope, receive, send):
    """Accept, and note each event that comes."""
    await send({"type": "websocket.accept"})
    while True:
        event = (await receive())["type"]
        with SEEN.open("a") as seen:
            seen.write(f"{event}\n")
        if event == "websocket.receive":
            await send({"type": "websocket.send", "text": "heard"})
        if event == "websocket.disconnect":
            return


async def main(port: int, server: subprocess.Popen) -> str:
    """Stop the server beneath an open connection."""
    client = await opened(port)
    await client.send("go")
    await asyncio.wait_for(client.recv(), 10)
    server.terminate()
    server.wait(20)
    events = SEEN.read_text().split()
    SEEN.unlink()
    told = "websocket.disconnect" in events
    return "MENDED: it was told" if told else f"REPRODUCED: the application was told {events}, and nothing more"


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
