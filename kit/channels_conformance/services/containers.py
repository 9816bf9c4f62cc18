"""Containers of a run, where a Docker engine answers."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from channels_conformance.services.processes import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from channels_conformance.services.guard import Guard


def start_container(
    image: str,
    *,
    name: str,
    port: int,
    command: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    guard: Guard,
) -> tuple[str, int]:
    """Start a container and return the host and port at which its ``port`` is to be reached.

    Raises :class:`ServiceError`, quickly, where no engine answers, and where the image is neither there nor to be had.
    """
    if not may_have_engine():
        raise ServiceError("No Docker engine answers here. Start one.")
    # Imported late: slow, and of no use without an engine.
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.docker_client import DockerClient

    try:
        with contextlib.closing(DockerClient(timeout=2).client) as engine:
            engine.ping()
        guard.container(name)  # before it is there, so that no moment is left in which it would stay behind
        container = DockerContainer(image).with_name(name).with_exposed_ports(port)
        for key, value in (env or {}).items():
            container.with_env(key, value)
        if command:
            container.with_command(list(command))
        with contextlib.closing(container.get_docker_client().client), _without_reaper(testcontainers_config):
            container.start()
            return container.get_container_host_ip(), int(container.get_exposed_port(port))
    except Exception as error:  # the engine, the network and the registry each have their own
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise ServiceError(
            f"A container of {image} did not start: {reason}. Start Docker, or pull the image."
        ) from error


@contextlib.contextmanager
def _without_reaper(config: Any) -> Iterator[None]:
    """Spare the privileged container that testcontainers starts to clean up: that is the guard's work here."""
    before, config.ryuk_disabled = config.ryuk_disabled, True
    try:
        yield
    finally:
        config.ryuk_disabled = before


def may_have_engine() -> bool:
    """Tell in a moment that there is none, without Docker's SDK: it is slow, and leaks a socket where none answers."""
    host = os.environ.get("DOCKER_HOST", "")
    if host:
        return not host.startswith("unix://") or _listens(Path(host.removeprefix("unix://")))
    home = Path.home()
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}"))
    places = (Path("/var/run/docker.sock"), runtime / "docker.sock", home / ".docker/run/docker.sock")
    named = (home / ".docker/contexts", home / ".testcontainers.properties")  # may name an engine anywhere
    return any(map(_listens, places)) or any(place.exists() for place in named)


def _listens(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(place))
        except OSError:
            return False
        return True
