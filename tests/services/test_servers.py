import contextlib
import http.client
import json
import os
import socket
import ssl
import stat
import time
from pathlib import Path
from typing import get_args

import pytest
from websockets.sync.client import connect

from channels_conformance.services.guard import Guard
from channels_conformance.services.processes import ServiceError
from channels_conformance.services.servers import HOST, Kind, start_server
from channels_conformance.services.tls import certificate

APPLICATION = """
import json

async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 404})
        await send({"type": "http.response.body"})
    else:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": json.dumps([scope["path"], scope["client"], scope["server"]])})
        await receive()

async def websocket_only(scope, receive, send):
    raise ValueError("No application configured for scope type " + scope["type"])

async def silent(scope, receive, send):
    while True:
        await receive()
"""


def members(group: int) -> set[int]:
    """Return the processes of a group that run."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # After the name, which may hold anything in parentheses: the state, the parent, the group.
            state, _, number = status.read_text().rpartition(")")[2].split()[:3]
            found |= {int(status.parent.name)} if int(number) == group and state != "Z" else set()
    return found


@pytest.fixture
def project(folder: Path) -> Path:
    """Make a folder from which ``served:application`` can be imported."""
    project = folder / "project"
    project.mkdir()
    (project / "served.py").write_text(APPLICATION)
    return project


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_server_serves_where_it_says(kind: Kind, project: Path, folder: Path, guard: Guard) -> None:
    """A server that was started takes connections on its port, and tells the application the true addresses."""
    pytest.importorskip(kind, reason=f"{kind} is optional")

    server = start_server(kind, "served:application", cwd=project, folder=folder, guard=guard, name=f"{kind}-1")

    assert server.url("/a") == f"ws://127.0.0.1:{server.port}/a"
    assert server.url("a", scheme="http") == f"http://127.0.0.1:{server.port}/a"
    assert (server.kind, server.name, server.process.log) == (kind, f"{kind}-1", folder / f"{kind}-1.log")
    assert server.version[0].isdigit()
    with connect(server.url("/a"), close_timeout=30) as client:
        local = client.socket.getsockname()
        path, seen, own = json.loads(client.recv(5))
        assert (path, seen[0], own[0]) == ("/a", HOST, HOST)
        assert (int(seen[1]), int(own[1])) == (local[1], server.port)  # Granian gives the ports as text
        assert client.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    server.stop()
    assert not server.process.alive
    with socket.socket() as probe:
        assert probe.connect_ex((HOST, server.port)) != 0


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_server_speaks_tls_where_it_is_told_to(kind: Kind, project: Path, folder: Path, guard: Guard) -> None:
    """With a certificate a server answers over TLS, by that certificate, and to nobody who speaks without."""
    pytest.importorskip(kind, reason=f"{kind} is optional")
    made = certificate(folder)

    server = start_server(kind, "served:application", cwd=project, folder=folder, guard=guard, name=kind, tls=made)

    given = ssl.get_server_certificate((HOST, server.port))
    assert given.strip() == made.certificate.read_text().strip()
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert not server.answers(5)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_the_worker_of_granian_ends_with_it(end: str, project: Path, folder: Path, guard: Guard) -> None:
    """However Granian ends, its port is free and its worker, a process of its own, is gone."""
    pytest.importorskip("granian", reason="granian is optional")
    server = start_server("granian", "served:application", cwd=project, folder=folder, guard=guard, name="granian")
    group = server.process.pid
    assert len(members(group)) == 2

    getattr(server, end)()

    deadline = time.monotonic() + 10
    while members(group) and time.monotonic() < deadline:
        os.sched_yield()
    assert members(group) == set()
    with socket.socket() as probe:
        assert probe.connect_ex((HOST, server.port)) != 0


def test_two_servers_have_two_ports(project: Path, folder: Path, guard: Guard) -> None:
    """Servers of one run do not get in each other's way, and a killed one ends at once."""
    one, two = (
        start_server("uvicorn", "served:application", cwd=project, folder=folder, guard=guard, name=name)
        for name in ("one", "two")
    )

    one.kill()

    assert one.port != two.port
    assert not one.process.alive
    with contextlib.closing(http.client.HTTPConnection(HOST, two.port, timeout=30)) as connection:
        connection.request("GET", "/")
        assert connection.getresponse().status == 404


def test_any_answer_is_an_answer(project: Path, folder: Path, guard: Guard) -> None:
    """An application that knows nothing of HTTP fails the request, which shows that the server is up."""
    server = start_server("daphne", "served:websocket_only", cwd=project, folder=folder, guard=guard, name="only")

    assert server.process.alive
    assert "No application configured for scope type http" in server.process.log_text()


def test_a_server_that_dies_says_why(project: Path, folder: Path, guard: Guard) -> None:
    """The error carries the last lines of the log and the place of the whole of it."""
    (project / "broken.py").write_text("import no_such_module\n")

    with pytest.raises(
        ServiceError,
        match=rf"^dead ended with status 1 before it answered: .*No module named 'no_such_module'\. See {folder}/",
    ):
        start_server("uvicorn", "broken:application", cwd=project, folder=folder, guard=guard, name="dead")


def test_a_server_that_does_not_answer_is_killed(project: Path, folder: Path, guard: Guard) -> None:
    """The deadline ends the wait, and the process with it."""
    with pytest.raises(ServiceError, match=r"^slow did not answer within 0\.01 s: its log is empty\. See "):
        start_server("uvicorn", "served:silent", cwd=project, folder=folder, guard=guard, name="slow", deadline=0.01)


def test_a_server_nobody_knows(folder: Path, guard: Guard) -> None:
    """The error lists those that can be started."""
    with pytest.raises(
        ServiceError, match=r"'apache' is not a server that can be started\. Use one of: daphne, uvicorn"
    ):
        start_server("apache", "a:b", cwd=folder, folder=folder, guard=guard, name="x")  # type: ignore[arg-type]


def test_a_server_that_is_not_installed(folder: Path, guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to get it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(ServiceError, match=r"daphne is not installed here\. Run `pip install daphne`"):
        start_server("daphne", "a:b", cwd=folder, folder=folder, guard=guard, name="x")
