"""A bare WSGI application: one call for each HTTP request, in a thread of the server's.

It can answer, and it can answer piece by piece for as long as it likes; what it cannot do is be spoken to meanwhile. So
whoever tells the listeners of a feed something does so by a request of their own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

HEARTBEAT = 15
"""Seconds after which a comment is sent to a listener, so that one who has gone is noticed."""

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Feed:
    """What was told so far, and a way to wait for more: a thread for each who listens."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.over = False
        self.changed = threading.Condition()

    def tell(self, text: str) -> None:
        """Tell all who listen."""
        with self.changed:
            self.told.append(text)
            self.changed.notify_all()

    def end(self) -> None:
        """Let all who listen go."""
        with self.changed:
            self.over = True
            self.changed.notify_all()

    def events(self) -> Iterator[bytes]:
        """Yield all that is told, from the beginning, as server-sent events."""
        yield b": here it begins\n\n"
        seen = 0
        while True:
            with self.changed:
                if len(self.told) == seen and not self.over:
                    self.changed.wait(HEARTBEAT)
                news, over = self.told[seen:], self.over
            seen += len(news)
            for text in news:
                yield event(text)
            if over:
                return
            if not news:
                yield b": still here\n\n"


def event(text: str) -> bytes:
    """Return a text as a server-sent event: each line of it behind "data: ", and an empty line at the end."""
    return "".join(f"data: {line}\n" for line in text.split("\n")).encode() + b"\n"


feeds: dict[str, Feed] = {}


def feed_of(name: str) -> Feed:
    """Return the feed of a name, the same one for two threads that come first at once.

    A defaultdict would make one each: other threads run while it calls for what is missing.
    """
    return feeds.setdefault(name, Feed())


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Serve a feed on each path below /feeds/, and a greeting on any other."""
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if not path.startswith("/feeds/"):
        body = b"Hello World"
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]
    feed = feed_of(path)
    if method == "GET":
        # A server sends each piece as it is yielded: nothing but the thread is kept.
        start_response("200 OK", [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")])
        return feed.events()
    if method == "POST":
        feed.tell(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode())
    elif method == "DELETE":
        feed.end()
    start_response("204 No Content", [])
    return []
