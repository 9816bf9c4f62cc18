"""What a server can and cannot do: sizes, patience, HTTP/2, and what must be installed and known besides.

As in the rest of the chapter, the application is the kit's own, and each claim is judged on every kind of server.
"""

from __future__ import annotations

from functools import partial

from channels_conformance.checks import (
    echoed,
    ended_with,
    handshakes_given_up,
    http2_negotiated,
    pushed_as_advertised,
    refused_with,
    silent_peers_dropped,
    started,
    version_told,
)
from channels_conformance.spec import claim, judge_server
from channels_conformance.subject.profile import ServerKind
from channels_conformance.subject.scripted import Scripted

MEGABYTE = 1_000_000
TOO_LARGE = 17 * 1024 * 1024  # each server's own limit is 16 MiB or less


@claim("servers/lifespan-may-be-unsupported", level="must", source="ASGI lifespan spec: Scope", needs=("reference",))
async def test_an_application_without_lifespan_is_served(scripted: Scripted, any_server: ServerKind) -> None:
    """A server starts, and serves, an application that raises for a lifespan scope, as Channels' router does."""
    history = await scripted.started(any_server)
    judge_server(history, started, claim="servers/lifespan-may-be-unsupported", server=any_server)

    async with await scripted.player(any_server) as player:
        await player.join("alice", user="")

    judge_server(player.history, echoed, claim="servers/lifespan-may-be-unsupported", server=any_server)


@claim("servers/a-megabyte-passes", level="must", source="RFC 6455 §5.4", needs=("reference",))
async def test_a_megabyte_passes_both_ways(scripted: Scripted, any_server: ServerKind) -> None:
    """A text and a binary message of a million bytes each arrive whole, and so do the answers."""
    async with await scripted.player(any_server) as player:
        await player.join("alice", user="")
        await player.frame("alice", "x" * MEGABYTE)
        await player.frame("alice", bytes(range(250)) * (MEGABYTE // 250))

    judge_server(player.history, echoed, claim="servers/a-megabyte-passes", server=any_server)


@claim("servers/too-large-is-1009", level="should", source="RFC 6455 §7.4.1", needs=("reference",))
async def test_a_message_beyond_the_limit_is_told_by_1009(scripted: Scripted, any_server: ServerKind) -> None:
    """A message of seventeen mebibytes, more than the server takes, ends the connection with close code 1009."""
    async with await scripted.player(any_server, path="/listen/") as player:
        await player.join("alice", user="")
        await player.frame("alice", bytes(TOO_LARGE))
        await player.ended("alice")

    judge_server(
        player.history,
        partial(ended_with, codes={"alice": 1009}),
        claim="servers/too-large-is-1009",
        server=any_server,
    )


@claim(
    "servers/unanswered-handshake-ends",
    level="should",
    source="ASGI WebSocket spec: Connect",
    needs=("reference",),
    evidence="none",
)
async def test_a_handshake_that_is_never_answered_ends(scripted: Scripted, any_server: ServerKind) -> None:
    """A handshake that the application never answers ends once the server has waited as long as it was told to."""
    history = await scripted.waited("handshake", any_server)

    judge_server(
        history,
        partial(handshakes_given_up, within=1),
        claim="servers/unanswered-handshake-ends",
        server=any_server,
    )


@claim("servers/silent-peer-is-dropped", level="should", source="RFC 6455 §5.5.2", needs=("reference",))
async def test_a_peer_that_answers_no_ping_is_dropped(scripted: Scripted, any_server: ServerKind) -> None:
    """A client that answers no ping is dropped once the server has waited as long as it was told to."""
    history = await scripted.waited("ping", any_server)

    judge_server(history, silent_peers_dropped, claim="servers/silent-peer-is-dropped", server=any_server)


@claim(
    "servers/http2-is-the-servers-own", level="should", source="RFC 9113 §3.2", needs=("reference",), evidence="none"
)
async def test_http2_is_negotiated_over_tls(scripted: Scripted, any_server: ServerKind) -> None:
    """A client that offers HTTP/2 over TLS is served an ASGI application over HTTP/2."""
    history = await scripted.fetched(any_server)

    judge_server(
        history,
        http2_negotiated,
        partial(version_told, versions=["2"]),
        claim="servers/http2-is-the-servers-own",
        server=any_server,
    )


@claim("servers/http2-is-the-servers-own", level="should", source="notes §3", needs=("reference",), evidence="none")
async def test_a_wsgi_application_is_served_over_http2(scripted: Scripted) -> None:
    """Hypercorn serves a WSGI application over HTTP/2: the version is the server's, and not the interface's."""
    history = await scripted.fetched("hypercorn", wsgi=True)

    judge_server(
        history,
        http2_negotiated,
        partial(version_told, versions=["HTTP/2", "HTTP/2.0"]),
        claim="servers/http2-is-the-servers-own",
        server="hypercorn",
    )


@claim(
    "servers/push-as-advertised",
    level="should",
    source="ASGI extensions: HTTP/2 Server Push",
    needs=("reference",),
    evidence="none",
)
async def test_a_resource_is_pushed_where_that_is_advertised(scripted: Scripted, any_server: ServerKind) -> None:
    """A server that advertises http.response.push pushes what the application names, and no other pushes anything."""
    history = await scripted.fetched(any_server, "/push/")

    judge_server(history, pushed_as_advertised, claim="servers/push-as-advertised", server=any_server)


@claim(
    "servers/bare-uvicorn-speaks-no-websocket",
    level="should",
    source="notes §4",
    needs=("reference",),
    evidence="refused",
)
async def test_uvicorn_without_a_websocket_library_refuses(scripted: Scripted) -> None:
    """Uvicorn without a WebSocket library answers a handshake as a plain HTTP request, and never with 101."""
    history = await scripted.knocked("uvicorn", "bare")

    judge_server(
        history,
        partial(refused_with, statuses={"alice": 200}),
        claim="servers/bare-uvicorn-speaks-no-websocket",
        server="uvicorn",
    )
