"""Write histories by hand: a line a step, with what the client and the worker would see of it."""

import json
from functools import partial
from itertools import count

from channels_conformance.checks import (
    Finding,
    admission,
    answered_handshake,
    crashed,
    disconnect_code,
    disconnect_once_and_last,
    events_unchanged,
    grammatical,
    leaked,
    loop_blocked,
    one_instance_per_connection,
    orm_on_loop,
    results_heard,
    silent_before_accept_and_after_close,
    stored_as_said,
    stored_once,
    tasks_done,
    unawaited,
    whole,
)
from channels_conformance.checks.finding import Check
from channels_conformance.history import Connection, Event, Hears, History, Kind

STORING = "storing"  # the endpoint whose messages go to the database

ALL_CHECKS: dict[str, Check] = {
    **{check.__name__: check for check in whole},
    "admission": admission,
    "answered_handshake": answered_handshake,
    "crashed": crashed,
    "disconnect_code": disconnect_code,
    "disconnect_once_and_last": disconnect_once_and_last,
    "events_unchanged": events_unchanged,
    "grammatical": grammatical,
    "leaked": leaked,
    "loop_blocked": loop_blocked,
    "one_instance_per_connection": one_instance_per_connection,
    "orm_on_loop": orm_on_loop,
    "results_heard": results_heard,
    "silent_before_accept_and_after_close": silent_before_accept_and_after_close,
    "stored_as_said": stored_as_said,
    "stored_once": partial(stored_once, endpoints={STORING}),
    "tasks_done": tasks_done,
    "unawaited": unawaited,
}


def judge(history: History) -> dict[str, list[Finding]]:
    """Run every check, and keep those that found something."""
    return {name: found for name, check in ALL_CHECKS.items() if (found := check(history))}


def only(history: History, check: str) -> Finding:
    """Return the one finding of this check, and make sure that no check found anything else."""
    verdict = judge(history)
    assert list(verdict) == [check], {name: [it.line() for it in found] for name, found in verdict.items()}
    (finding,) = verdict[check]
    assert finding.evidence, "a finding shows the events it is about"
    return finding


class Script:
    """A play in the making. Clients are named by their word; whoever joins again is named ``alice#2`` inside."""

    def __init__(self) -> None:
        self.history = History()
        self._now: dict[str, str] = {}
        self._ids = count(1)

    def add(self, kind: Kind, client: str = "", **fields: object) -> Event:
        """Append one event as it is. ``client`` may be a client's word or a whole connection id."""
        event = Event(
            at=float(len(self.history.events)),
            kind=kind,
            connection=self._now.get(client, client),
            **fields,  # type: ignore[arg-type]
        )
        self.history.events.append(event)
        return event

    def connect(
        self,
        client: str,
        audience: str = "lobby",
        *,
        hears: Hears = "group",
        worker: str = "daphne-1",
        endpoint: str = "chat",
        user: str | None = None,
    ) -> str:
        """Begin a handshake."""
        turn = sum(it.client == client for it in self.history.connections.values()) + 1
        connection = Connection(
            id=f"{client}#{turn}",
            client=client,
            user=client if user is None else user,
            endpoint=endpoint,
            audience=audience,
            hears=hears,
            worker=worker,
        )
        self.history.connections[connection.id] = connection
        self._now[client] = connection.id
        self.add(Kind.CONNECT, client)
        return connection.id

    def accept(self, client: str) -> None:
        """Let the application accept."""
        self.add(Kind.INSTANCE, client, marker=f"instance {next(self._ids)}", detail="ChatConsumer")
        self.add(Kind.DELIVERED, client, detail="websocket.connect")
        self.add(Kind.ANSWERED, client, detail="websocket.accept")
        self.add(Kind.ACCEPTED, client)

    def join(self, client: str, audience: str = "lobby", *, hears: Hears = "group", **fields: str) -> None:
        """Connect, be accepted and hear one's own first fence."""
        self.connect(client, audience, hears=hears, **fields)
        self.accept(client)
        if hears != "nobody":
            self.fence(client, heard_by=client)
        self.add(Kind.READY, client)

    def say(self, client: str, text: str, *, heard_by: str = "") -> str:
        """Say a text that holds the marker ``~text~``, and let it be heard by these clients in this order."""
        return self._utter(Kind.SAID, client, f"~{text}~", f"{text} ~{text}~", heard_by)

    def fence(self, client: str, *, heard_by: str = "") -> str:
        """Send a fence."""
        marker = f"~f{next(self._ids)}~"
        return self._utter(Kind.FENCE, client, marker, marker, heard_by)

    def _utter(self, kind: Kind, client: str, marker: str, text: str, heard_by: str) -> str:
        self.add(kind, client, marker=marker, text=text)
        if heard_by:
            self.add(Kind.DELIVERED, client, detail="websocket.receive", text=json.dumps({"message": text}))
        for listener in heard_by.split():
            self.hear(listener, text)
        return text

    def hear(self, client: str, text: str) -> None:
        """Let a text go out to a client and arrive there, in a JSON frame."""
        frame = json.dumps({"type": "message", "message": text})
        self.add(Kind.ANSWERED, client, detail="websocket.send", text=frame)
        self.add(Kind.RECEIVED, client, text=frame)

    def leave(self, client: str, code: int | None = 1000) -> None:
        """Close cleanly, from both sides."""
        self.add(Kind.LEAVING, client, code=code)
        self.told(client, 1005 if code is None else code)
        self.add(Kind.CLOSED, client, code=code)

    def turn_out(self, client: str, code: int = 4000) -> None:
        """Let the application close."""
        self.add(Kind.ANSWERED, client, detail="websocket.close", code=code)
        self.add(Kind.CLOSED, client, code=code)
        self.told(client, code)

    def abort(self, client: str) -> None:
        """Drop the TCP connection."""
        self.add(Kind.ABORTED, client)
        self.told(client, 1006)
        self.add(Kind.CLOSED, client, code=1006)

    def told(self, client: str, code: int | None) -> None:
        """Let the application be told of the end, and finish."""
        self.add(Kind.DELIVERED, client, detail="websocket.disconnect", code=code)
        self.add(Kind.DISCONNECT_RAN, client, code=code)
        self.add(Kind.RETURNED, client)

    def queue(self, user: str, text: str, *, heard_by: str = "") -> str:
        """Queue a task for a user, let it run, and its result be heard."""
        marker = f"~{text}~"
        self.add(Kind.QUEUED, marker=marker, text=f"{text} {marker}", detail=user)
        self.add(Kind.TASK_STARTED, marker=marker)
        self.add(Kind.TASK_ENDED, marker=marker)
        for listener in heard_by.split():
            self.hear(listener, f"{text} {marker}")
        return f"{text} {marker}"
