"""How workers tell the pytest process what they see: one line of JSON an event, over loopback.

A reporter runs in each worker process and never makes its caller wait: lines are queued, and a thread of its own writes
them. The journal runs in the pytest process: a thread of its own reads, so that nothing is missed while no event loop
runs, and coroutines wait for what they name instead of sleeping.
"""

from __future__ import annotations

import asyncio
import atexit
import base64
import contextlib
import json
import os
import queue
import socket
import socketserver
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from channels_conformance.history import Event, Kind

LONGEST = 4096  # characters or bytes of a payload that are reported; markers come first in what is said
POLL = 0.05  # seconds in which a journal that is closed notices


class Reporter:
    """The worker's end: ``report(kind, ...)`` from any thread, before or after a fork."""

    def __init__(self, address: str, worker: str) -> None:
        self.worker = worker
        host, _, port = address.rpartition(":")
        self._address = (host, int(port))
        self._start()
        os.register_at_fork(after_in_child=self._start)
        atexit.register(self.close)

    def _start(self) -> None:
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="conformance-reporter", daemon=True)
        self._thread.start()

    def report(self, kind: Kind, **event: Any) -> None:
        """Queue one event; ``at`` and the worker's name are added here."""
        if event.get("data") is not None:
            event["data"] = base64.b64encode(event["data"][:LONGEST]).decode()
        if event.get("text") is not None:
            event["text"] = event["text"][:LONGEST]
        self._lines.put(
            json.dumps({"at": time.monotonic(), "kind": kind, "worker": self.worker, **event}).encode() + b"\n"
        )

    def close(self) -> None:
        """Write what is queued."""
        self._lines.put(None)
        self._thread.join(timeout=5)

    def _write(self) -> None:
        with contextlib.suppress(OSError), socket.socket() as connection:
            connection.connect(self._address)
            # Somebody waits for most of what is reported; Nagle's algorithm would hold small lines back.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ended = False
            while not ended:
                lines = [self._lines.get()]
                while not self._lines.empty():  # the reader is woken once for all that has come meanwhile
                    lines.append(self._lines.get())
                ended = None in lines
                connection.sendall(b"".join(line for line in lines if line is not None))


class Journal:
    """The pytest end: every event that any worker reported, and a way to wait for one."""

    def __init__(self) -> None:
        # Reentrant: a coroutine that was dropped is reported when memory is cleared up, which may be in here.
        self._lock = threading.RLock()
        self._events: defaultdict[str, list[Event]] = defaultdict(list)
        self._waiting: defaultdict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(list)
        # Not a Unix socket: the folder of a run may lie deeper than the 107 characters that its path may have.
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, args=(POLL,), name="conformance-journal", daemon=True
        ).start()

    @property
    def address(self) -> str:
        """Where reporters connect to: ``127.0.0.1:port``."""
        return "{}:{}".format(*self._server.server_address)

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        journal = self

        class Lines(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for line in self.rfile:
                    if not line.endswith(b"\n"):  # the worker was killed while it wrote
                        return
                    data = json.loads(line)
                    if data.get("data") is not None:
                        data["data"] = base64.b64decode(data["data"])
                    journal.add(Event(**{**data, "kind": Kind(data["kind"])}))

        return Lines

    def add(self, event: Event) -> None:
        """Record an event, and wake whoever waits for its connection."""
        with self._lock:
            self._events[event.connection].append(event)
            waiting = list(self._waiting[event.connection])
        for loop, woken in waiting:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(woken.set)

    def of(self, connection: str) -> list[Event]:
        """Return what was reported of one connection, in order."""
        with self._lock:
            return list(self._events[connection])

    def forget(self, connection: str) -> list[Event]:
        """Return what was reported of one connection, and drop it, so that a long run stays small."""
        with self._lock:
            return self._events.pop(connection, [])

    async def wait_for(self, connection: str, found: Callable[[Event], bool], *, deadline: float) -> Event | None:
        """Return the first event of ``connection`` for which ``found`` is true; None after ``deadline`` seconds."""
        woken = asyncio.Event()
        entry = (asyncio.get_running_loop(), woken)
        with self._lock:
            self._waiting[connection].append(entry)
        try:
            async with asyncio.timeout(deadline):
                while True:
                    woken.clear()
                    for event in self.of(connection):
                        if found(event):
                            return event
                    await woken.wait()
        except TimeoutError:
            return None
        finally:
            with self._lock:
                self._waiting[connection].remove(entry)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class LocalReporter:
    """A reporter for an application that runs in the pytest process: straight into the journal."""

    def __init__(self, journal: Journal, worker: str = "in process") -> None:
        self.worker = worker
        self._journal = journal

    def report(self, kind: Kind, **event: Any) -> None:
        """Record one event."""
        self._journal.add(Event(at=time.monotonic(), kind=kind, worker=self.worker, **event))
