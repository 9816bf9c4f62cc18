"""The ASGI WebSocket grammar: which event may follow which, as one table.

Rule 1: all that decides whether an event may come now is in this table; what it must hold is told by
:mod:`channels_conformance.checks.values`. The rest is a few lines that look things up.

Rule 2: this file does not know who runs it. The same table judges a finished record (:func:`grammatical`) and
stops an application while it runs (:class:`Conversation`, as a server would).

Theory of operation
===================

One conversation is one call of an ASGI application with a ``websocket`` scope. Four kinds of event move it:

* *delivered*: what ``await receive()`` gave to the application. The server answers for these.
* *answered*: what the application gave to ``await send()``. The application answers for these.
* ``RETURNED``: the application callable returned.
* ``CRASHED``: an exception left it. That is legal anywhere, for a crash is not a matter of grammar.

The event names of the two directions do not overlap, so one machine sees both. An event with no entry in the state's
row is illegal there. An illegal event leaves the state as it is, as servers do when they raise.

Three things are less than obvious:

* After ``websocket.disconnect`` a send is still legal if the client went first. The application may have been in
  the middle of a handler; the server drops what it says, or raises ``OSError`` (ASGI WebSocket spec, "Send").
* After its own ``websocket.close`` an application may not send, but frames that were already on their way may
  still be delivered to it.
* The application may return from an open conversation. The server then closes the socket. It may not return from a
  handshake that it has not answered.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

from channels_conformance.checks.finding import Anomaly, Finding, who
from channels_conformance.checks.values import (
    ACCEPT,
    CLOSE,
    CONNECT,
    DENIAL_BODY,
    DENIAL_START,
    DISCONNECT,
    RECEIVE,
    RULES,
    SEND,
    Message,
    Offer,
)
from channels_conformance.history import Event, History, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

RETURNED: Final = "RETURNED"
CRASHED: Final = "CRASHED"

DELIVERED_EVENTS: Final = frozenset({CONNECT, RECEIVE, DISCONNECT})
ANSWERED_EVENTS: Final = frozenset({ACCEPT, SEND, CLOSE, DENIAL_START, DENIAL_BODY})


class State(Enum):
    """How far a conversation has come."""

    NEW = "the application was called, nothing was delivered yet"
    HANDSHAKE = "websocket.connect was delivered and is not answered"
    OPEN = "the application accepted"
    DENYING = "the application is sending an HTTP response instead of accepting"
    REFUSED = "the application closed before it accepted"
    CLOSING = "the application closed what it had accepted"
    VANISHED = "the client went away before the handshake was answered"
    GONE = "the client went away from an open conversation"
    FINISHED = "both sides are done"
    ENDED = "the application callable is no longer running"


TRANSITIONS: Final[Mapping[State, Mapping[str, State]]] = {
    State.NEW: {
        CONNECT: State.HANDSHAKE,
        CRASHED: State.ENDED,
    },
    State.HANDSHAKE: {
        ACCEPT: State.OPEN,
        CLOSE: State.REFUSED,
        DENIAL_START: State.DENYING,
        DISCONNECT: State.VANISHED,
        CRASHED: State.ENDED,
    },
    State.OPEN: {
        RECEIVE: State.OPEN,
        SEND: State.OPEN,
        CLOSE: State.CLOSING,
        DISCONNECT: State.GONE,
        RETURNED: State.ENDED,
        CRASHED: State.ENDED,
    },
    State.DENYING: {
        DENIAL_BODY: State.DENYING,
        DISCONNECT: State.FINISHED,
        RETURNED: State.ENDED,
        CRASHED: State.ENDED,
    },
    State.REFUSED: {
        DISCONNECT: State.FINISHED,
        RETURNED: State.ENDED,
        CRASHED: State.ENDED,
    },
    State.CLOSING: {
        RECEIVE: State.CLOSING,
        DISCONNECT: State.FINISHED,
        RETURNED: State.ENDED,
        CRASHED: State.ENDED,
    },
    State.VANISHED: {
        ACCEPT: State.GONE,
        CLOSE: State.FINISHED,
        DENIAL_START: State.DENYING,
        RETURNED: State.ENDED,
        CRASHED: State.ENDED,
    },
    State.GONE: {
        SEND: State.GONE,
        CLOSE: State.FINISHED,
        RETURNED: State.ENDED,
        CRASHED: State.ENDED,
    },
    State.FINISHED: {
        RETURNED: State.ENDED,
        CRASHED: State.ENDED,
    },
    State.ENDED: {},
}


class GrammarError(RuntimeError):
    """An event broke the grammar. ``str(error)`` is one sentence; :attr:`blame` says whose event it was."""

    def __init__(self, sentence: str, *, blame: Literal["app", "server"] = "app") -> None:
        super().__init__(sentence)
        self.blame: Literal["app", "server"] = blame


class Conversation:
    """Follow one conversation event by event.

    Each method raises :class:`GrammarError` at an event that is illegal where the conversation stands; the state then
    stays as it was. ``subprotocols`` are those the client offered, and ``denial_response`` tells whether the scope has
    the ``websocket.http.response`` extension; left out, nothing is judged by them.
    """

    def __init__(self, *, subprotocols: Collection[str] | None = None, denial_response: bool | None = None) -> None:
        self.state = State.NEW
        self._offer = Offer(subprotocols=subprotocols, denial_response=denial_response)

    @property
    def expected(self) -> frozenset[str]:
        """The events that are legal now."""
        return frozenset(TRANSITIONS[self.state])

    def delivered(self, event: str | Message) -> None:
        """Take what the server hands to the application: the whole event, or only its type.

        Raises :class:`GrammarError`, to be blamed on the server.
        """
        message = {"type": event} if isinstance(event, str) else event
        self._step(message, "the server delivered", "server", DELIVERED_EVENTS, values=not isinstance(event, str))

    def answered(self, message: Message) -> None:
        """Take what the application sends. Raises :class:`GrammarError`, to be blamed on the application."""
        self._step(message, "the application answered", "app", ANSWERED_EVENTS)

    def returned(self) -> None:
        """Take the return of the application callable. Raises :class:`GrammarError` in an unanswered handshake."""
        self._step({"type": RETURNED}, "the application", "app", frozenset({RETURNED}))

    def crashed(self) -> None:
        """Take an exception that left the application callable."""
        self._step({"type": CRASHED}, "the application", "app", frozenset({CRASHED}))

    def _step(
        self,
        message: Message,
        actor: str,
        blame: Literal["app", "server"],
        own: frozenset[str],
        *,
        values: bool = True,
    ) -> None:
        name = str(message.get("type"))
        after = TRANSITIONS[self.state].get(name) if name in own else None
        if after is None:
            legal = ", ".join(sorted(self.expected & own)) or "nothing"
            act = name.lower() if name in {RETURNED, CRASHED} else name
            raise GrammarError(
                f"{actor} {act} where {self.state.value}; legal here is {legal} (ASGI WebSocket spec)", blame=blame
            )
        # A close before accept becomes HTTP 403: its code and reason go nowhere, so they are not judged.
        judged = values and not (name == CLOSE and self.state is State.HANDSHAKE)
        for rule in RULES.get(name, ()) if judged else ():
            if wrong := rule(message, self._offer):
                raise GrammarError(f"{actor} a bad {name}: {wrong}", blame=blame)
        self.state = after


def _message(event: Event) -> Message:
    """Return the ASGI message an event records, as far as it is judged.

    The text of a close is its reason. A status that is not on record is taken for a good one.
    """
    match event.detail:
        case "websocket.close":
            return {"type": event.detail, "code": event.code, "reason": event.text}
        case "websocket.http.response.start":
            return {"type": event.detail, "status": 403 if event.code is None else event.code}
        case _:
            return {"type": event.detail, "text": event.text, "bytes": event.data}


def grammatical(history: History) -> list[Finding]:
    """Find the first event of each connection that breaks the grammar. What follows it is only its consequence."""
    conversations: dict[str, Conversation] = {}
    findings: dict[str, Finding] = {}
    for event in history:
        if event.kind not in {Kind.DELIVERED, Kind.ANSWERED, Kind.RETURNED, Kind.CRASHED}:
            continue
        if event.connection in findings:
            continue
        conversation = conversations.setdefault(event.connection, Conversation())
        try:
            match event.kind:
                case Kind.DELIVERED:
                    conversation.delivered(_message(event))
                case Kind.ANSWERED:
                    conversation.answered(_message(event))
                case Kind.RETURNED:
                    conversation.returned()
                case _:
                    conversation.crashed()
        except GrammarError as error:
            findings[event.connection] = Finding(
                anomaly=Anomaly.UNGRAMMATICAL,
                sentence=f"{who(history, event.connection)}: {error}",
                connection=event.connection,
                evidence=(event,),
                blame=error.blame,
            )
    return list(findings.values())
