"""What Django and Channels make of the two interfaces: the smallest project there is, by ASGI and by WSGI.

It is the reference app's ``bare/project.py``, which has no channel layer and no database. Nothing is timed: that many
polls wait at once is shown by a meeting at which none is answered before the last has come.
"""

from __future__ import annotations

import asyncio
from functools import partial

from django.core.handlers.asgi import ASGIHandler

from channels_conformance.checks import (
    answered_handshake,
    asked_without_a_crash,
    duplicated,
    echoed,
    held_back,
    lost,
    raised,
    reordered,
    replied,
    streamed,
    told,
    told_the_same,
    whole,
    without_channel,
)
from channels_conformance.spec import claim, judge
from channels_conformance.subject.bare import PROJECT, Bare
from channels_conformance.subject.http_play import END
from channels_conformance.subject.profile import Endpoint, ServerKind
from channels_conformance.subject.subject import Subject

CHANNELS = "Channels docs: Routing"
STREAMING = "Django docs: StreamingHttpResponse"

OK = {200}
POLLS = 50
TELLS = {"thread": "the thread", "asyncio": "a loop of asyncio"}


@claim(
    "protocol/new-project-is-wsgi",
    level="info",
    source="Django docs: startproject",
    needs=("reference",),
    evidence="none",
)
async def test_a_new_project_is_wsgi(bare: Bare) -> None:
    """A project that Django has just begun names a WSGI application in its settings, and no ASGI application."""
    history = await bare.new_project()

    judge(history, partial(told, facts={"WSGI_APPLICATION": "named", "ASGI_APPLICATION": "not named"}))


@claim(
    "protocol/router-adds-websockets-to-django",
    level="must",
    source=CHANNELS,
    needs=("reference",),
    evidence="delivered",
)
async def test_a_router_adds_websockets_to_django(bare: Bare, server: ServerKind) -> None:
    """Django alone raises for a WebSocket; behind a ProtocolTypeRouter it answers HTTP, and Channels the WebSocket."""
    calls = bare.calls()
    await calls.asgi("Django alone", ASGIHandler(), {"type": "websocket", "path": "/"}, "websocket.connect")
    judge(calls.history, partial(raised, name="Django alone", words="Django can only handle ASGI/HTTP connections"))

    async with await bare.player(PROJECT, server, "/ws/echo/") as player:
        async with await bare.visit(PROJECT, server, history=player.history) as visit:
            await visit.ask("the page")
        await player.join("alice")
        await player.say("alice")
    judge(player.history, echoed, asked_without_a_crash, partial(replied, codes={"the page": OK}))


@claim("protocol/one-port-serves-http-and-websocket", level="should", source=CHANNELS, endpoint="any", first=True)
async def test_one_port_serves_http_and_websocket(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """The port of a server that takes WebSockets answers an HTTP request too, and not with an error of its own."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby", ready=False)
        async with subject.visit(subject.servers(server)[0], player.history) as visit:
            await visit.ask("a page")

    judge(player.history, answered_handshake, partial(replied, codes={"a page": range(200, 500)}))


@claim(
    "protocol/echo-needs-no-layer",
    level="must",
    source="Channels docs: Channel Layers",
    needs=("reference",),
    evidence="delivered",
)
async def test_an_echo_needs_no_channel_layer(bare: Bare, server: ServerKind) -> None:
    """A consumer that tells nobody else anything works without any channel layer."""
    async with await bare.player(PROJECT, server, "/ws/echo/") as player:
        await player.join("alice")
        await player.say("alice")

    judge(player.history, without_channel, asked_without_a_crash, echoed)


@claim(
    "protocol/asgi-streams-asynchronous-generators",
    level="must",
    source=STREAMING,
    needs=("reference",),
    evidence="delivered",
)
async def test_asgi_streams_asynchronous_generators(bare: Bare, server: ServerKind) -> None:
    """Under ASGI, events of an asynchronous generator arrive as they are made; of a synchronous one, all at its end."""
    async with await bare.visit(PROJECT, server) as visit:
        await visit.follow(visit.stream("/feeds/"), events=3)
    judge(visit.history, *whole, partial(streamed, until=END))

    async with await bare.visit(PROJECT, server) as visit:
        path = visit.stream("/threaded/feeds/")
        visit.listen("alice", path)
        for _ in range(10):
            await visit.tell(path)
        await visit.finish(path)
    judge(visit.history, lost, duplicated, reordered, partial(held_back, until=END))


@claim(
    "protocol/polls-wait-on-one-thread",
    level="must",
    source="Channels docs: Consumers",
    needs=("reference",),
    evidence="none",
)
async def test_polls_wait_on_one_thread(bare: Bare, server: ServerKind) -> None:
    """Fifty long polls by an AsyncHttpConsumer wait at once on one thread, that of the server's asyncio loop."""
    path = f"/meetings/all/{POLLS}/"
    async with await bare.visit(PROJECT, server) as visit, asyncio.TaskGroup() as polls:
        for number in range(POLLS):
            polls.create_task(visit.ask(f"poll {number}", path=path, tells=TELLS))

    judge(
        visit.history,
        partial(replied, codes={f"poll {number}": OK for number in range(POLLS)}),
        partial(told_the_same, name="the thread"),
        partial(told, facts={"a loop of asyncio": "True"}),
    )
