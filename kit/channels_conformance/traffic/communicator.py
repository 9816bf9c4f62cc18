"""The in-process client: ``WebsocketCommunicator`` with the manners of a server.

It keeps the verbs and signatures of the stock class, so that it can take its place in anyone's tests, and mends what
makes an app behave otherwise in a test than behind a server:

* ``close_old_connections`` runs. The stock class replaces it with a no-op around every call, and hides ORM faults.
* Empty frames are sent. They are legal (RFC 6455 5.6).
* A receive that times out leaves the application running, and the next receive works.
* The scope is whole, as the ASGI specification lists it for ``websocket``.
* ``websocket.disconnect`` is delivered after every end: a refusal (code 1006), the application's own close (its code),
  the client's close and the client's abort.
* An application that ends or crashes ends the connection, as it does behind a server. ``wait()`` and ``disconnect()``
  raise what it raised.
* Every event is held against the ASGI grammar. A breach is raised into the application, and kept in ``violations``.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from channels.testing import WebsocketCommunicator

from channels_conformance.checks.grammar import Conversation, GrammarError
from channels_conformance.traffic.client import ABNORMAL, NO_CODE, Closed, ConnectionLost
from channels_conformance.traffic.scope import websocket_scope

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

Message = dict[str, Any]

INTERNAL_ERROR = 1011
"""The close code of a server whose application crashed (RFC 6455 7.4.1)."""

BREATH = 100
"""Events that an application may send before whoever reads them gets a turn."""

PATIENCE = 1000
"""Events that are dropped after the end before an application that goes on sending is told that the client has gone."""

_END: Message = {"type": "channels_conformance.end"}  # the last entry of the output queue: nothing comes after


class ClientGone(OSError):  # noqa: N818  it names what happened, as Closed does
    """What ``send()`` raises into the application after ``websocket.disconnect`` (ASGI specification, since 2.4)."""


@dataclass(slots=True)
class Denial:
    """The HTTP response to a handshake that was not accepted."""

    status: int
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


class WebsocketClient(WebsocketCommunicator):
    """One WebSocket to an ASGI application in this process.

    ``path`` may carry a query string; ``query`` is added to it. ``cookies`` go into one Cookie header. ``origin`` None
    sends no Origin header. ``denial_response`` says whether the extension of that name is offered to the application,
    which Uvicorn and Hypercorn do and Daphne does not.
    """

    def __init__(
        self,
        application: Any,
        path: str,
        headers: Iterable[tuple[bytes, bytes]] | None = None,
        subprotocols: Iterable[str] | None = None,
        spec_version: str | int | None = None,
        *,
        cookies: Mapping[str, str] | None = None,
        origin: str | None = "http://testserver",
        query: Mapping[str, str] | None = None,
        client: tuple[str, int] = ("127.0.0.1", 50000),
        server: tuple[str, int] = ("testserver", 80),
        scheme: str = "ws",
        root_path: str = "",
        denial_response: bool = True,
    ) -> None:
        super().__init__(application, path)
        scope = websocket_scope(
            path,
            headers=headers or (),
            subprotocols=subprotocols or (),
            spec_version=str(spec_version or "2.4"),
            cookies=cookies or {},
            origin=origin,
            query=query or {},
            client=client,
            server=server,
            scheme=scheme,
            root_path=root_path,
            denial_response=denial_response,
        )
        cast("Message", self.scope).update(scope)
        self.violations: list[GrammarError] = []
        self.crash: BaseException | None = None
        self.denial: Denial | None = None
        self.closed: Closed | None = None
        self._conversation = Conversation(subprotocols=scope["subprotocols"], denial_response=denial_response)
        self._connecting = False
        self._accepted = False
        self._answers, self._dropped = 0, 0  # events that the application sent, and those that came after the end
        self._told = False  # websocket.disconnect was delivered
        self._read: list[Message] = []  # read by receive_nothing(), still to be handed out

    # What the stock class does through its queues, done as a server does it.

    @property
    def future(self) -> asyncio.Task[None]:
        """The task that runs the application, started at first use."""
        if self._future is None:
            # An empty context, as behind a server: a variable set by the test must not reach the application.
            self._future = contextvars.Context().run(asyncio.create_task, self._run())
            # The client sees a crash as a close, and wait() raises it: asyncio need not complain of it as well.
            self._future.add_done_callback(lambda task: task.cancelled() or task.exception())
        return cast("asyncio.Task[None]", self._future)

    async def _run(self) -> None:
        application = cast("Callable[..., Awaitable[None]]", self.application)
        try:
            await application(self.scope, self._deliver, self._answer)
            with suppress(GrammarError), self._violations_kept():  # too late to raise it into the application
                self._conversation.returned()
        except ClientGone:
            pass  # no fault of the application, and no server reports it as one
        except asyncio.CancelledError:
            raise  # stop() or wait(): the test's own doing
        except SystemExit as crash:  # it would end a server; asyncio would let it end us
            self.crash = crash
        except BaseException as crash:
            self.crash = crash
            raise
        finally:
            self._application_ended()

    @contextmanager
    def _violations_kept(self) -> Iterator[None]:
        try:
            yield
        except GrammarError as violation:
            self.violations.append(violation)
            raise

    async def _deliver(self) -> Message:
        message = cast("Message", await self.input_queue.get())
        with self._violations_kept():
            self._conversation.delivered(message)
        self._told = self._told or message["type"] == "websocket.disconnect"
        return message

    async def _answer(self, message: Message) -> None:
        with self._violations_kept():
            self._conversation.answered(message)
        self._answers += 1
        if self._answers % BREATH == 0:
            await asyncio.sleep(0)  # as a server's transport does where an application sends without end
        if self.closed is not None:
            self._dropped += 1
            if self._told or self._dropped > PATIENCE:
                raise ClientGone("the client has gone")
            return  # the disconnect is still on its way: dropped, as Daphne does, for the application cannot know yet
        match message["type"]:
            case "websocket.accept":
                self._accepted = True
                self.response_headers = list(message.get("headers") or [])
            case "websocket.close" if self._accepted:
                code = message.get("code") or 1000
                self._end(message, seen=Closed(code, message.get("reason") or ""), told=code)
                return
            case "websocket.close":
                self.denial = Denial(403)
                self._end(message, seen=Closed(ABNORMAL), told=ABNORMAL)
                return
            case "websocket.http.response.start":
                self.denial = Denial(message["status"], list(message.get("headers") or []))
            case "websocket.http.response.body" if self.denial is not None:
                self.denial.body += message.get("body", b"")
                if not message.get("more_body", False):
                    self._end(message, seen=Closed(ABNORMAL), told=ABNORMAL)
                    return
        self.output_queue.put_nowait(message)

    def _application_ended(self) -> None:
        if self.closed is not None:
            return
        if self._accepted:
            code = ABNORMAL if self.crash is None else INTERNAL_ERROR
            self._end({"type": "websocket.close", "code": code}, seen=Closed(code), told=None)
            return
        self.denial = Denial(500, body=b"Internal Server Error")
        start = {"type": "websocket.http.response.start", "status": 500, "headers": []}
        self._end(start, seen=Closed(ABNORMAL), told=None)

    def _end(self, *last: Message, seen: Closed, told: int | None) -> None:
        """End the connection: the client sees ``seen`` after ``last``, the application is told ``told``."""
        self.closed = seen
        for message in (*last, _END):
            self.output_queue.put_nowait(message)
        if told is not None:
            self.input_queue.put_nowait({"type": "websocket.disconnect", "code": told})

    async def send_input(self, message: Message) -> None:
        """Put one raw ASGI event on the application's way."""
        _ = self.future  # starts the application
        await self.input_queue.put(message)

    async def receive_output(self, timeout: float | None = 1) -> Message:  # noqa: ASYNC109  the stock signature
        """Return the application's next ASGI event.

        Raise TimeoutError after ``timeout`` seconds, which does no harm: the application runs on. Raise :exc:`Closed`
        once the connection has ended and everything was read.
        """
        _ = self.future
        if self._read:
            return self._read.pop(0)
        async with asyncio.timeout(timeout):
            message = cast("Message", await self.output_queue.get())
        if message is _END:
            self.output_queue.put_nowait(_END)
            assert self.closed is not None
            raise Closed(self.closed.code, self.closed.reason)
        return message

    async def receive_nothing(self, timeout: float = 0.1, interval: float = 0.01) -> bool:  # noqa: ASYNC109
        """Return whether no event came within ``timeout`` seconds; ``interval`` has no effect.

        This is no proof of silence: what comes a moment later is missed. Send a marker down the same path and receive
        until it arrives; what did not come before it was not on its way.
        """
        try:
            self._read.insert(0, await self.receive_output(timeout))
        except (TimeoutError, Closed):
            return True
        return False

    async def wait(self, timeout: float = 1) -> None:  # noqa: ASYNC109
        """Wait until the application ends, and raise what it raised.

        Raise TimeoutError, and stop the application, where it runs on for ``timeout`` seconds.
        """
        await asyncio.wait({self.future}, timeout=timeout)
        if not self.future.done():
            self.future.cancel()
            await asyncio.wait({self.future})
            raise TimeoutError(f"the application did not end within {timeout:g} s after the connection")
        if not self.future.cancelled():
            self.future.result()

    # The verbs.

    async def connect(self, timeout: float | None = 1) -> tuple[bool, int | str | None]:  # noqa: ASYNC109
        """Begin the handshake. Return (True, subprotocol) where it is accepted, else (False, close code).

        The code is the application's where it closed, and 1006, as in a browser, where the answer was an HTTP response;
        :attr:`denial` is that response. After a TimeoutError a further call waits on.
        """
        if not self._connecting:
            self._connecting = True
            await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(timeout)
        match answer["type"]:
            case "websocket.accept":
                return True, answer.get("subprotocol")
            case "websocket.close":
                return False, answer.get("code") or 1000
        try:
            async with asyncio.timeout(timeout):
                while True:
                    await self.receive_output(None)  # the rest of the response, which self.denial collects
        except Closed:
            return False, ABNORMAL

    async def send_to(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Send one text or binary frame, which may be empty.

        Raise :exc:`ConnectionLost` if the connection has ended, RuntimeError if it was never accepted.
        """
        if (text_data is None) == (bytes_data is None):
            raise ValueError("write exactly one of text_data and bytes_data")
        if self.closed is not None:
            raise ConnectionLost(str(self.closed))
        if not self._accepted:
            raise RuntimeError("the connection is not open: await connect() first, and see that it returns (True, ...)")
        if text_data is None:
            if not isinstance(bytes_data, bytes):
                raise TypeError(f"bytes_data={bytes_data!r}: write bytes")
            await self.send_input({"type": "websocket.receive", "bytes": bytes_data})
        else:
            if not isinstance(text_data, str):
                raise TypeError(f"text_data={text_data!r}: write a str")
            await self.send_input({"type": "websocket.receive", "text": text_data})

    async def receive_from(self, timeout: float | None = 1) -> str | bytes:  # noqa: ASYNC109
        """Return the next frame. Raise AssertionError where the next event is none, :exc:`Closed` after the end."""
        message = await self.receive_output(timeout)
        if message["type"] != "websocket.send":
            raise AssertionError(f"Expected type 'websocket.send', but was {message['type']!r}")
        text: str | None = message.get("text")
        data: bytes | None = message.get("bytes")
        return text if text is not None else data or b""

    async def receive_json_from(self, timeout: float | None = 1) -> Any:  # noqa: ASYNC109
        """Return the next text frame, decoded as JSON."""
        payload = await self.receive_from(timeout)
        if not isinstance(payload, str):
            raise AssertionError(f"JSON data is not a text frame, it is {type(payload)}")
        return json.loads(payload)

    async def close(self, code: int | None = None) -> None:
        """Close from the client's side; the application is told 1005 where ``code`` is None. Do not wait for it."""
        if self.closed is None:
            _ = self.future
            seen = NO_CODE if code is None else code
            self._end(seen=Closed(seen), told=seen)

    async def abort(self) -> None:
        """Drop the connection without a close frame; the application is told 1006. Do not wait for it."""
        await self.close(ABNORMAL)

    async def disconnect(self, code: int = 1000, timeout: float = 1) -> None:  # noqa: ASYNC109
        """Close from the client's side, and wait until the application ends."""
        await self.close(code)
        await self.wait(timeout)
