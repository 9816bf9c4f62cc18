"""Server-sent events, from a synchronous and from an asynchronous generator."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from bare import wsgi

STREAM = {"content_type": "text/event-stream", "headers": {"Cache-Control": "no-store"}}


async def hello(request: HttpRequest) -> HttpResponse:
    """Say hello, from a coroutine: under ASGI on the server's loop, under WSGI on one that is made for the request."""
    await asyncio.sleep(0)
    return HttpResponse("Hello World", content_type="text/plain")


class Feed:
    """What was told so far, and a way to wait for more: a coroutine for each who listens, on one loop."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.over = False
        self.changed = asyncio.Condition()

    async def tell(self, text: str) -> None:
        """Tell all who listen."""
        async with self.changed:
            self.told.append(text)
            self.changed.notify_all()

    async def end(self) -> None:
        """Let all who listen go."""
        async with self.changed:
            self.over = True
            self.changed.notify_all()

    async def events(self) -> AsyncIterator[bytes]:
        """Yield all that is told, from the beginning, as server-sent events."""
        yield b": here it begins\n\n"
        seen = 0
        while True:
            async with self.changed:
                while len(self.told) == seen and not self.over:
                    await self.changed.wait()
                news, over = self.told[seen:], self.over
            seen += len(news)
            for text in news:
                yield wsgi.event(text)
            if over:
                return


feeds: defaultdict[str, Feed] = defaultdict(Feed)


async def feed(request: HttpRequest, name: str) -> HttpResponseBase:
    """Serve a feed by an asynchronous generator, which Django iterates on the server's loop."""
    one = feeds[name]
    if request.method == "GET":
        return StreamingHttpResponse(one.events(), **STREAM)
    if request.method == "POST":
        await one.tell(request.body.decode())
    elif request.method == "DELETE":
        await one.end()
    return HttpResponse(status=204)


# Nothing here belongs to anybody. The decorator says no more than this, and before Django 5.0 it takes no coroutine.
feed.csrf_exempt = True  # type: ignore[attr-defined]


@csrf_exempt
def threaded_feed(request: HttpRequest, name: str) -> HttpResponseBase:
    """Serve a feed by a synchronous generator: right under WSGI, while under ASGI Django collects all of it first."""
    one = wsgi.feed_of(name)
    if request.method == "GET":
        return StreamingHttpResponse(one.events(), **STREAM)
    if request.method == "POST":
        one.tell(request.body.decode())
    elif request.method == "DELETE":
        one.end()
    return HttpResponse(status=204)
