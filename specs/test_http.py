"""HTTP and WebSocket side by side: one application serves both, and neither is in the other's way.

What must wait is made to wait by a lock on the database, and let go once the others have been answered: no clock tells
who was held up.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial

from channels_conformance.checks import (
    answered_in_time,
    closed_with,
    no_socket_opened,
    outlasts,
    pings_answered,
    protocol_answered,
    replied,
    replied_alike,
    requests_replied,
    turned_away,
)
from channels_conformance.spec import claim, judge, not_applicable
from channels_conformance.subject.asking import HANDSHAKE, page_paths
from channels_conformance.subject.database import write_locked
from channels_conformance.subject.profile import Endpoint, ServerKind
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic.stage import Credential

ROUTING = "Channels docs: Routing"
DEPLOYING = "Channels docs: Deploying"
AUTHENTICATION = "Channels docs: Authentication"
MESSAGES = "/api/rooms/lobby/messages/"


@claim("http/socket-path-is-no-crash-over-http", level="should", source=ROUTING, endpoint="any", evidence="none")
async def test_a_sockets_path_is_no_crash_over_http(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """Whoever asks for a WebSocket's path over HTTP, as a crawler or a reader does, is answered without a crash."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        requests = subject.requests(player.history)
        path = await requests.path(endpoint)
        asked = (requests.ask(subject.servers(server)[0], path, method=method) for method in ("GET", "HEAD", "POST"))
        await asyncio.gather(*asked)

    judge(player.history, requests_replied)


@claim("http/page-takes-no-socket", level="must", source=ROUTING, endpoint="any", evidence="refused", first=True)
async def test_a_page_takes_no_socket(subject: Subject, endpoint: Endpoint) -> None:
    """A handshake for a path where there is a page, and no route to a consumer, is not accepted."""
    paths = page_paths(subject.run.routes)
    if not paths:
        not_applicable("the project has no page with a path of its own")
    async with subject.player(endpoint, over="process") as player:
        for path in paths:
            await player.join("alice", path=path, ready=False)

    judge(player.history, no_socket_opened)


@claim(
    "http/views-answer-beside-open-sockets",
    level="must",
    source="Channels docs: Introduction; notes §1",
    endpoint="any",
    first=True,
)
async def test_views_answer_beside_open_sockets(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """Pages and the sockets' own paths are answered over HTTP alike, with sockets open and without."""
    one = subject.servers(server)[0]
    async with subject.player(endpoint, servers=[one]) as player:
        requests = subject.requests(player.history)
        paths = [*page_paths(subject.run.routes), await requests.path(endpoint)]
        for path in paths:
            await requests.ask(one, path)
        for number in range(8):
            await player.join(f"client-{number}", "lobby", ready=False)
        for path in paths:
            await requests.ask(one, path)

    judge(player.history, replied_alike, answered_in_time)


@claim(
    "http/views-and-sockets-do-not-wait-for-each-other",
    level="must",
    source="django/channels#2132",
    endpoint="storing",
    needs=("push",),
)
async def test_a_waiting_view_holds_nobody_up(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """While a view waits for the database, its worker answers other requests and the sockets' pings."""
    one = subject.servers(server)[0]
    async with subject.player(endpoint, servers=[one]) as player:
        requests = subject.requests(player.history)
        await player.join("bob", "lobby")
        await player.push("alice", "lobby")  # who must be signed in before the database is locked
        async with write_locked(endpoint.stores):
            began = time.monotonic()
            waiting = asyncio.create_task(player.push("alice", "lobby"))
            view_waits = await requests.begin_to_write(one, since=began)
            await requests.ask(one, await requests.path(endpoint))
            await player.ping("bob")
        await waiting
    if not view_waits:
        not_applicable("no HTTP call of the profile stores anything, so that none could be made to wait")

    judge(player.history, requests_replied, pings_answered)


@claim(
    "http/views-and-sockets-do-not-wait-for-each-other",
    level="must",
    source="django/channels#2132",
    endpoint="talking storing",
)
async def test_a_waiting_socket_holds_no_view_up(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """While a consumer waits for the database, its worker answers requests over HTTP."""
    one = subject.servers(server)[0]
    async with subject.player(endpoint, servers=[one]) as player:
        requests = subject.requests(player.history)
        path = await requests.path(endpoint)
        await requests.ask(one, path)
        await player.join("alice", "lobby")
        async with write_locked(endpoint.stores):
            await player.say("alice")
            await player.waits_for_the_database("alice")
            await requests.ask(one, path)

    judge(player.history, replied_alike)


@claim(
    "http/middleware-is-for-http-alone",
    level="must",
    source="Channels docs: Security; notes Q3",
    needs=("reference",),
    endpoint="open",
    evidence="none",
    first=True,
)
async def test_middleware_is_for_http_alone(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """Of a handshake neither the Host is checked nor a CSRF token asked for: MIDDLEWARE sees requests of HTTP only."""
    one = subject.servers(server)[0]
    async with subject.player(endpoint, servers=[one]) as player:
        requests = subject.requests(player.history)
        path = await requests.path(endpoint)
        cookies = (await subject.users.browser("alice")).cookies
        strange = {"Host": "stranger.example"}
        await requests.ask(one, "/health/", name="a page of another host", headers=strange)
        await requests.ask(one, path, name="a socket of another host", headers=HANDSHAKE | strange)
        await requests.ask(one, MESSAGES, name="a form without a token", method="POST", cookies=cookies)
        await requests.ask(one, path, name="a socket without a token", headers=HANDSHAKE, cookies=cookies)

    codes = {
        "a page of another host": {400},
        "a socket of another host": {101},
        "a form without a token": {403},
        "a socket without a token": {101},
    }
    judge(player.history, partial(replied, codes=codes))


@claim(
    "http/one-session-signs-in-both",
    level="must",
    source=f"{AUTHENTICATION}; notes §5",
    needs=("reference",),
    endpoint="group protected",
)
async def test_one_session_signs_in_both(subject: Subject, endpoint: Endpoint) -> None:
    """The cookie by which a view knows its user lets that user's socket in, on another worker as well."""
    first, last = subject.run.servers[0], subject.run.servers[-1]
    async with subject.player(endpoint) as player:
        requests = subject.requests(player.history)
        cookies = (await subject.users.browser("alice")).cookies
        await requests.ask(first, MESSAGES, name="with the cookie", cookies=cookies)
        await requests.ask(last, MESSAGES, name="without it")
        await player.join("alice", "lobby", worker=1, credential=Credential(cookies=cookies))
        await player.intrude("a stranger", "lobby")

    codes = {"with the cookie": {200}, "without it": {401}}
    judge(player.history, partial(replied, codes=codes), partial(turned_away, barred=player.intruders))


@claim(
    "http/logout-closes-no-socket",
    level="should",
    source=AUTHENTICATION,
    needs=("reference",),
    endpoint="group protected",
)
async def test_a_logout_closes_no_socket(subject: Subject, endpoint: Endpoint) -> None:
    """After a logout over HTTP the user's open socket lives until its consumer looks; a new one is refused at once."""
    async with subject.player(endpoint) as player:
        requests, guest = subject.requests(player.history), subject.users.guest()
        browser = await subject.users.browser(guest)
        shown = Credential(cookies=browser.cookies)
        await player.join("alice", "lobby", user=guest, credential=shown)
        await requests.log_out(subject.run.servers[-1], browser, name="the logout")
        await player.ping("alice")
        await player.intrude("alice again", "lobby", user=guest, credential=shown)
        await player.frame("alice", await subject.frame(endpoint, "am I still here?"))
        await player.ended("alice")

    judge(
        player.history,
        partial(replied, codes={"the logout": {302}}),
        partial(outlasts, name="the logout"),
        partial(turned_away, barred=player.intruders),
        partial(closed_with, codes={"alice": 4401}),
    )


@claim("http/unspoken-protocol-is-declined", level="should", source="ASGI Lifespan spec", evidence="none")
async def test_an_unspoken_protocol_is_declined(subject: Subject) -> None:
    """Asked for lifespan, which most applications do not speak, the application answers or raises."""
    history = await subject.asked_for("lifespan")

    judge(history, protocol_answered)
