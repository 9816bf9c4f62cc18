"""Pages of the subject in a real browser: what users do in them, and what they show, as a history.

Each page is one user's, in a window without anybody else's cookies, behind a relay that stands for the network. It is
used by roles, as somebody would who cannot see it: a status, a log of messages, a box to type in, a button. A page
cannot be trusted to tell when it is done, so nothing is taken for silence here either: what must not come is looked for
once something said later has come.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from channels_conformance.history import Connection, Event, History, Kind
from channels_conformance.services.browser import Browser
from channels_conformance.services.tls import certificate
from channels_conformance.traffic import patience
from channels_conformance.traffic.relay import Relay

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import BrowserContext, Page

    from channels_conformance.subject.profile import Endpoint
    from channels_conformance.subject.subject import Subject

PATH = "/chat/{room}/"
"""The page of a room in the reference app, the only subject whose page is known."""

DEADLINES = 4
"""How many deadlines what a page must show is waited for: a browser takes its time."""

IMPATIENCE = 1000
"""Milliseconds that a play waits once something in it was lost: it has failed, and the rest is for the report."""

# Whatever a page does with sockets and timers is written down before it is done, and its timers run a hundred times as
# fast: how long it would have waited is what counts. turn() is over once the timers that it found have fired.
_WITNESS = """
(() => {
  const seen = (window.conformance = { sockets: [], waits: [], failures: [], states: [] });
  window.WebSocket = class extends WebSocket {
    constructor(url, ...rest) { seen.sockets.push(String(url)); super(url, ...rest); }
  };
  const later = window.setTimeout.bind(window);
  const timers = new Set();
  seen.turn = () => Promise.all(timers);
  window.setTimeout = (run, wait = 0, ...rest) => {
    seen.waits.push(wait);
    let number;
    const fired = new Promise((done) => {
      number = later(() => { timers.delete(fired); done(); run(...rest); }, wait / 100);
    });
    timers.add(fired);
    return number;
  };
  addEventListener("DOMContentLoaded", () => {
    const status = document.querySelector("[role=status]");
    const look = () => seen.states.push(status.textContent);
    if (!status) return;
    new MutationObserver(look).observe(status, { childList: true, characterData: true, subtree: true });
    look();
  });
  addEventListener("error", (event) => seen.failures.push(event.message));
  addEventListener("unhandledrejection", (event) => seen.failures.push(String(event.reason)));
})();
"""

# The place behind the first state that will do, and that state; with "now", the last one.
_LOOK = """
({ word, since, now }) => {
  const states = conformance.states;
  const place = now ? states.length - 1 : states.findIndex((state, at) => at >= since && state.includes(word));
  return place >= 0 && [now || !word ? since : place + 1, states[place] ?? ""];
}
"""

_plays = itertools.count(1)


@contextlib.asynccontextmanager
async def connected(browser: Browser) -> AsyncIterator[Chromium]:
    """Speak to a browser through Playwright, as long as the block lasts."""
    from playwright.async_api import async_playwright  # imported late: it is an extra

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.connect_over_cdp(browser.address)
        try:
            yield chromium
        finally:
            await chromium.close()


class Pages:
    """Plays on pages, as an async context manager: on exit it reads what each page shows, and closes them."""

    def __init__(self, subject: Subject, chromium: Chromium, endpoint: Endpoint) -> None:
        self.history = History()
        self._subject = subject
        self._chromium = chromium
        self._endpoint = endpoint
        self._patience = _patience()
        self._play = f"page{next(_plays)}"
        self._markers = itertools.count(1)
        self._pages: dict[str, Page] = {}
        self._relays: dict[str, Relay] = {}
        self._looked: defaultdict[str, int] = defaultdict(int)  # how many of a page's states were looked at
        self._closing = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                for client in self._pages:
                    await self.read(client)
                self.history.events.sort(key=lambda event: event.at)
        finally:
            await self._closing.aclose()

    # What a play can do

    async def open(self, client: str, audience: str, *, worker: int = 0, tls: bool = False, hold: bool = False) -> None:
        """Open the page of a room, signed in as ``client``; return when it says that it is connected.

        With ``hold``, its handshake is held up, and it is not waited for.
        """
        server = self._subject.run.servers[worker % len(self._subject.run.servers)]
        context = certificate(self._subject.run.folder).context() if tls else None
        relay = self._relays[client] = await self._closing.enter_async_context(
            Relay(server.host, server.port, tls=context)
        )
        if hold:
            relay.hold()
        window = await self._window(client, relay)
        page = self._pages[client] = await window.new_page()
        key = f"{client}#1"
        self.history.connections[key] = Connection(
            id=key,
            client=client,
            user=client,
            endpoint=self._endpoint.name,
            audience=audience,
            hears="group",
            worker=server.name,
        )
        page.on("dialog", lambda dialog: self._dialog(client, dialog))
        await page.add_init_script(_WITNESS)
        self._record(Kind.CONNECT, client)
        await page.goto(relay.base + PATH.format(room=quote(self._room(audience), safe="")))
        if hold:
            await self._network(relay.until(handshakes=1))
        else:
            await self.back(client)

    async def back(self, client: str) -> bool:
        """Wait until a page is connected, anew, and says so; return whether it does by the deadline."""
        relay = self._relays[client]
        relay.mend()
        relay.release()
        await_more = 1 + len(self.history.of(Kind.ACCEPTED, connection=f"{client}#1"))
        if not await self._network(relay.until(accepted=await_more)):
            return False
        self._record(Kind.ACCEPTED, client)
        return await self.look(client, "connected")

    async def say(self, client: str, text: str = "") -> str:
        """Have a user type a text and send it; return the marker that names it."""
        marker = f"~{self._play}-{next(self._markers)}~"
        said = f"{text} {marker}".strip()
        self._record(Kind.SAID, client, text=said, marker=marker)
        page = self._pages[client]
        await page.get_by_role("textbox").fill(said)
        await page.get_by_role("button", name="Send").click()
        return marker

    async def shown(self, marker: str, *clients: str) -> bool:
        """Wait until each of these pages shows what was said under a marker; return whether all do by the deadline."""
        logs = [self._pages[client].get_by_role("log") for client in clients]
        return all([await self._soon(log.get_by_text(marker).first.wait_for) for log in logs])

    async def look(self, client: str, until: str = "") -> bool:
        """Note what a page says of its connection: the first since the last look that is ``until``, or holds it.

        Return whether there is any by the deadline; without ``until``, what it says now is noted.
        """
        page = self._pages[client]
        options = {"word": until, "since": self._looked[client]}
        found = await self._soon(lambda timeout: page.wait_for_function(_LOOK, arg=options, timeout=timeout))
        place, text = await page.evaluate(_LOOK, {**options, "now": not found})
        self._looked[client] = place
        self._record(Kind.SHOWN, client, text=text, detail="status")
        return found

    def deafen(self, client: str) -> None:
        """Let what the page sends over its socket from now on be lost, without its knowing."""
        self._relays[client].deafen()

    def cut(self, client: str, *, refuse: bool = True) -> None:
        """Cut a page's connections; with ``refuse``, also those that it tries to open, until :meth:`back`."""
        self._relays[client].cut(refuse=refuse)
        self._record(Kind.CLOSED, client, code=1006)

    def close(self, client: str, code: int) -> None:
        """Have a page's socket closed with a code, and cut what it tries to open, until :meth:`back`."""
        self._record(Kind.CLOSED, client, code=code)
        self._relays[client].close(code)

    def inject(self, client: str, payload: str | bytes) -> None:
        """Send a page a frame that the server never sent."""
        text, data = (payload, None) if isinstance(payload, str) else (None, payload)
        self._record(Kind.SENT, client, text=text, data=data)
        self._relays[client].inject(payload)

    async def sign_out(self, client: str) -> None:
        """End a user's session, as a logout in another window does."""
        await self._subject.users.spoil(self._endpoint, client, "logged out")

    async def knocks(self, client: str, times: int) -> bool:
        """Wait until a page has tried to open so many sockets in all; return whether it has by the deadline."""
        return await self._soon(
            lambda timeout: self._pages[client].wait_for_function(
                "times => conformance.sockets.length >= times", arg=times, timeout=timeout
            )
        )

    async def read(self, client: str) -> None:
        """Note all that a page shows and has done so far."""
        page = self._pages[client]
        await page.evaluate("conformance.turn()")
        for shown in await page.get_by_role("log").get_by_role("listitem").all_text_contents():
            self._record(Kind.RECEIVED, client, text=shown)
        seen: dict[str, list[Any]] = await page.evaluate("({ ...conformance, turn: [] })")
        for url in seen["sockets"]:
            self._record(Kind.KNOCKED, client, text=url, detail=page.url)
        for wait in seen["waits"]:
            self._record(Kind.WAITED, client, code=round(float(wait or 0)))
        for failure in seen["failures"]:
            self._record(Kind.SCRIPT_FAILED, client, detail=failure)

    # Plumbing

    async def _window(self, client: str, relay: Relay) -> BrowserContext:
        window = await self._chromium.new_context(ignore_https_errors=True)
        self._closing.push_async_callback(window.close)
        window.set_default_timeout(_patience())
        cookies = (await self._subject.users.credential(client, self._endpoint)).cookies
        await window.add_cookies([{"name": name, "value": value, "url": relay.base} for name, value in cookies.items()])
        return window

    def _dialog(self, client: str, dialog: Any) -> asyncio.Task[None]:
        self._record(Kind.SHOWN, client, text=dialog.message, detail="dialog")
        return asyncio.ensure_future(dialog.accept())

    async def _network(self, wait: Coroutine[Any, Any, None]) -> bool:
        try:
            async with asyncio.timeout(self._patience / 1000):
                await wait
        except TimeoutError:
            self._patience = IMPATIENCE
            return False
        return True

    async def _soon(self, wait: Callable[..., Awaitable[Any]]) -> bool:
        from playwright.async_api import TimeoutError as TooLate

        try:
            await wait(timeout=self._patience)
        except TooLate:
            self._patience = IMPATIENCE
            return False
        return True

    def _room(self, audience: str) -> str:
        return f"{audience} {self._play}"  # whatever was said in an earlier play is in another room

    def _record(self, kind: Kind, client: str, **event: Any) -> None:
        self.history.events.append(Event(at=time.monotonic(), kind=kind, connection=f"{client}#1", **event))


def _patience() -> float:
    """Return the milliseconds after which what a page must show is given up as lost."""
    return DEADLINES * patience.deadline * 1000
