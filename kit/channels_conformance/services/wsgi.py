"""A WSGI server as it runs under ``manage.py runserver --noasgi``: wsgiref with a thread for each connection.

Django's own class of it, on a listening socket that it is handed, so that no port is guessed.
"""

from __future__ import annotations

import importlib
import socket
import sys
from typing import TYPE_CHECKING, Any

from channels_conformance.services.servers import Listener, start_listener

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from channels_conformance.services.guard import Guard


def start_wsgi_server(
    application: str,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path,
    folder: Path,
    guard: Guard,
    name: str,
    deadline: float = 20.0,
) -> Listener:
    """Start a server for the WSGI application ``module:attribute``; its log is ``folder/NAME.log``.

    ``env`` must name Django settings, since the server closes Django's database connections after each request. Raises
    as :func:`~channels_conformance.services.servers.start_server` does.
    """
    return start_listener(
        lambda held, _port: ["-m", __name__, application, str(held)],
        env=env,
        cwd=cwd,
        folder=folder,
        guard=guard,
        name=name,
        deadline=deadline,
    )


def serve(application: Any, listening: socket.socket) -> None:
    """Serve a WSGI application on a listening socket, for ever."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    address = listening.getsockname()
    server = ThreadedWSGIServer(address, WSGIRequestHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.server_address = address
    server.server_name, server.server_port = address
    server.setup_environ()
    server.set_app(application)
    server.serve_forever()


if __name__ == "__main__":
    module, _, attribute = sys.argv[1].partition(":")
    serve(getattr(importlib.import_module(module), attribute), socket.socket(fileno=int(sys.argv[2])))
