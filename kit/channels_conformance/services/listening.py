"""Say which port a server listens on: imported by the server itself, which may then leave the choice to the kernel."""

from __future__ import annotations

import os
import socket

DESCRIPTOR = "CHANNELS_CONFORMANCE_PORT_DESCRIPTOR"
"""The environment variable that holds the number of the pipe to write to."""


def _tell(descriptor: int) -> None:
    """Have the first socket that listens write its port to the pipe, and every other listen as ever."""
    listen = socket.socket.listen

    def listen_and_tell(self: socket.socket, *backlog: int) -> None:
        listen(self, *backlog)
        socket.socket.listen = listen  # type: ignore[method-assign]
        os.write(descriptor, f"{self.getsockname()[1]}\n".encode())
        os.close(descriptor)

    socket.socket.listen = listen_and_tell  # type: ignore[method-assign, assignment]


if DESCRIPTOR in os.environ:
    _tell(int(os.environ.pop(DESCRIPTOR)))
