"""What a server does by itself between a client and an application: the handshake, the scope, frames, and the end.

The application plays scripts (``reference/scripted/``) and does what the path says, so that whatever else a client sees
is the server's doing. Each claim is judged on every kind of server that is installed.
"""

from __future__ import annotations

import asyncio
from functools import partial

from channels_conformance.checks import (
    denials_as_advertised,
    disconnect_code,
    disconnect_once_and_last,
    echoed,
    ended_with,
    headers_kept,
    refused_with,
    scope_told,
    sends_after_close_raised,
    subprotocol_withheld,
)
from channels_conformance.spec import claim, judge_server
from channels_conformance.subject.profile import ServerKind
from channels_conformance.subject.scripted import Scripted

ASGI = "ASGI WebSocket spec"


@claim("servers/scope-is-as-specified", level="must", source=f"{ASGI}: Scope", needs=("reference",))
async def test_a_scope_is_as_specified(scripted: Scripted, any_server: ServerKind) -> None:
    """The scope of a WebSocket holds what the specification names, each of its type, and what the client asked for."""
    async with await scripted.player(any_server, path="/scope/two%20words/", offers=["a.v1", "b.v2"]) as player:
        await player.join("alice", user="", query="x=%20&y")

    told = partial(scope_told, path="/scope/two words/", query="x=%20&y", subprotocols=["a.v1", "b.v2"])
    judge_server(player.history, told, claim="servers/scope-is-as-specified", server=any_server)


@claim("servers/headers-keep-their-order", level="must", source="ASGI HTTP spec: Scope", needs=("reference",))
async def test_headers_keep_their_order(scripted: Scripted, any_server: ServerKind) -> None:
    """Headers reach the application in the order sent, and one that comes twice comes twice."""
    sent = (("x-one", "a"), ("x-two", "b"), ("x-one", "c"))
    async with await scripted.player(any_server, path="/scope/") as player:
        await player.join("alice", user="", headers=sent)

    judge_server(
        player.history, partial(headers_kept, sent=sent), claim="servers/headers-keep-their-order", server=any_server
    )


@claim(
    "servers/unoffered-subprotocol-is-withheld",
    level="must",
    source="RFC 6455 §4.2.2",
    needs=("reference",),
    evidence="none",
)
async def test_a_subprotocol_that_was_not_offered_completes_no_handshake(
    scripted: Scripted, any_server: ServerKind
) -> None:
    """Where the application chooses a subprotocol that the client did not offer, the handshake is not completed."""
    async with await scripted.player(any_server, path="/subprotocol/", offers=["a.v1"]) as player:
        await player.join("alice", user="", query="name=b.v2")

    judge_server(
        player.history, subprotocol_withheld, claim="servers/unoffered-subprotocol-is-withheld", server=any_server
    )


@claim(
    "servers/exception-in-connect-is-500",
    level="should",
    source=f"{ASGI}: Connect",
    needs=("reference",),
    evidence="refused",
)
async def test_an_exception_before_the_answer_is_an_http_500(scripted: Scripted, any_server: ServerKind) -> None:
    """Where the application raises before it has answered the handshake, the client is answered with HTTP 500."""
    async with await scripted.player(any_server, path="/raise-in-connect/") as player:
        await player.join("alice", user="")

    judge_server(
        player.history,
        partial(refused_with, statuses={"alice": 500}),
        claim="servers/exception-in-connect-is-500",
        server=any_server,
    )


@claim(
    "servers/denial-response-as-advertised",
    level="must",
    source="ASGI extensions: Websocket Denial Response",
    needs=("reference",),
)
async def test_a_denial_response_works_where_it_is_advertised(scripted: Scripted, any_server: ServerKind) -> None:
    """An HTTP answer to a handshake arrives where the server advertises that it can, and raises where it does not."""
    async with await scripted.player(any_server, path="/scope/") as player:
        await player.join("alice", user="")
        await player.join("bob", user="", path="/deny/", ready=False)
        await player.worker_ended("bob")

    judge_server(
        player.history,
        partial(denials_as_advertised, status=451),
        claim="servers/denial-response-as-advertised",
        server=any_server,
    )


@claim("servers/empty-frames-pass", level="must", source="RFC 6455 §5.6", needs=("reference",))
async def test_empty_frames_pass_both_ways(scripted: Scripted, any_server: ServerKind) -> None:
    """An empty text frame and an empty binary frame reach the application, and its answers the client."""
    async with await scripted.player(any_server) as player:
        await player.join("alice", user="")
        for frame in ("", b""):
            await player.frame("alice", frame)

    judge_server(player.history, echoed, claim="servers/empty-frames-pass", server=any_server)


@claim("servers/close-code-and-reason-arrive", level="must", source=f"{ASGI}: Close", needs=("reference",))
async def test_a_close_code_and_its_reason_arrive(scripted: Scripted, any_server: ServerKind) -> None:
    """The code and the reason with which an application closes are what the client sees."""
    codes = {"alice": 1000, "bob": 3001, "carol": 4999}
    reasons = {"alice": "", "bob": "bye", "carol": "再見"}
    async with await scripted.player(any_server, path="/close/") as player:
        for client, code in codes.items():
            await player.join(client, user="", query=f"code={code}&reason={reasons[client]}")
        for client in codes:
            await player.ended(client)

    judge_server(
        player.history,
        partial(ended_with, codes=codes, reasons=reasons),
        claim="servers/close-code-and-reason-arrive",
        server=any_server,
    )


@claim("servers/disconnect-tells-the-close-code", level="must", source=f"{ASGI}: Disconnect", needs=("reference",))
async def test_a_disconnect_tells_the_close_code(scripted: Scripted, any_server: ServerKind) -> None:
    """The application is told the code that the client closed with, and 1005 where it closed without one."""
    async with await scripted.player(any_server) as player:
        for code in (1000, 3001, None):
            await player.join("alice", user="")
            await player.leave("alice", code)

    judge_server(player.history, disconnect_code, claim="servers/disconnect-tells-the-close-code", server=any_server)


@claim("servers/lost-line-is-1006", level="should", source="RFC 6455 §7.1.5", needs=("reference",))
async def test_a_disconnect_tells_that_the_line_was_lost(scripted: Scripted, any_server: ServerKind) -> None:
    """The application is told 1006 where the client's TCP connection broke without a close frame."""
    async with await scripted.player(any_server) as player:
        await player.join("bob", user="")
        await player.drop("bob")

    judge_server(player.history, disconnect_code, claim="servers/lost-line-is-1006", server=any_server)


@claim("servers/exception-in-a-handler-is-1011", level="should", source="RFC 6455 §7.4.1", needs=("reference",))
async def test_an_exception_in_a_handler_is_told_by_1011(scripted: Scripted, any_server: ServerKind) -> None:
    """Where the application raises once it has accepted, the client is told so by close code 1011."""
    async with await scripted.player(any_server, path="/raise-in-receive/") as player:
        await player.join("alice", user="")
        await player.frame("alice", "now")
        await player.ended("alice")

    judge_server(
        player.history,
        partial(ended_with, codes={"alice": 1011}),
        claim="servers/exception-in-a-handler-is-1011",
        server=any_server,
    )


@claim("servers/send-after-close-raises", level="should", source=f"{ASGI}: Send", needs=("reference",))
async def test_a_send_after_the_applications_own_close_raises(scripted: Scripted, any_server: ServerKind) -> None:
    """An application that sends after its own close is told of its mistake by an exception."""
    async with await scripted.player(any_server, path="/send-after-close/") as player:
        await player.join("alice", user="")
        await player.ended("alice")
        await player.worker_ended("alice")

    judge_server(player.history, sends_after_close_raised, claim="servers/send-after-close-raises", server=any_server)


@claim("servers/first-close-counts", level="should", source=f"{ASGI}: Close", needs=("reference",))
async def test_the_first_of_two_closes_counts(scripted: Scripted, any_server: ServerKind) -> None:
    """Where an application closes twice, the client sees the first code, whatever becomes of the second."""
    async with await scripted.player(any_server, path="/close-twice/") as player:
        await player.join("alice", user="")
        await player.ended("alice")
        await player.worker_ended("alice")

    judge_server(
        player.history,
        partial(ended_with, codes={"alice": 4001}),
        claim="servers/first-close-counts",
        server=any_server,
    )


@claim("servers/shutdown-is-told", level="should", source=f"{ASGI}: Disconnect", needs=("reference",))
async def test_a_server_that_is_stopped_tells_its_connections(scripted: Scripted, any_server: ServerKind) -> None:
    """A server that gets SIGTERM gives the application of each open connection its disconnect before it ends."""
    leaving = await scripted.server(any_server, "leaving")
    async with await scripted.player(any_server, "leaving", path="/listen/") as player:
        await player.join("alice", user="")
        await asyncio.to_thread(leaving.stop)
        await player.ended("alice")

    judge_server(
        player.history,
        partial(disconnect_once_and_last, stopped=[leaving.name]),
        claim="servers/shutdown-is-told",
        server=any_server,
    )
