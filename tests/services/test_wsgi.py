"""The WSGI server: Django's own, on a socket that it was handed."""

from __future__ import annotations

import http.client
from contextlib import closing
from pathlib import Path

import pytest

from channels_conformance.services.guard import Guard
from channels_conformance.services.processes import ServiceError
from channels_conformance.services.wsgi import start_wsgi_server

APPLICATION = """
import threading

both = threading.Barrier(2)

def application(environ, start_response):
    if environ["PATH_INFO"] == "/both/":
        both.wait(20)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]
"""


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """Make a project in the folder; return the environment of its processes."""
    (folder / "served.py").write_text(APPLICATION)
    (folder / "minimal.py").write_text('SECRET_KEY = "x"\n')
    return {"DJANGO_SETTINGS_MODULE": "minimal"}


def test_a_wsgi_server_serves_side_by_side(environment: dict[str, str], folder: Path, guard: Guard) -> None:
    """Two requests are served at once, each in a thread, and a connection serves more than one."""
    server = start_wsgi_server("served:application", env=environment, cwd=folder, folder=folder, guard=guard, name="w")

    with (
        closing(http.client.HTTPConnection(server.host, server.port, timeout=20)) as one,
        closing(http.client.HTTPConnection(server.host, server.port, timeout=20)) as two,
    ):
        for connection in (one, two):
            connection.request("GET", "/both/")
        assert [connection.getresponse().read() for connection in (one, two)] == [b"ok", b"ok"]
        one.request("GET", "/")
        assert one.getresponse().status == 200

    assert (server.name, server.process.log) == ("w", folder / "w.log")
    server.stop()
    assert not server.process.alive


def test_a_wsgi_application_that_cannot_be_imported_says_why(
    environment: dict[str, str], folder: Path, guard: Guard
) -> None:
    """The error carries the last lines of the log."""
    with pytest.raises(ServiceError, match=r"^w ended with status 1 before it answered: .*No module named 'absent'"):
        start_wsgi_server("absent:application", env=environment, cwd=folder, folder=folder, guard=guard, name="w")
