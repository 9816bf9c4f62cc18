"""What the two interfaces can do and cannot, without a framework: bare applications, on servers as they are installed.

Each application is one of the reference app's folder ``bare``, served by processes of its own. Nothing is timed: that a
stream arrives while it is made is shown by telling its next event only once the last has been heard.
"""

from __future__ import annotations

from functools import partial

from channels_conformance.checks import (
    answers,
    crashed,
    disconnect_once_and_last,
    echoed,
    grammatical,
    raised,
    replied,
    streamed,
    told,
    typed,
    whole,
)
from channels_conformance.spec import claim, judge
from channels_conformance.subject.bare import BARE, BARE_WSGI, PROJECT_WSGI, Bare
from channels_conformance.subject.http_play import END
from channels_conformance.subject.profile import ServerKind
from channels_conformance.traffic.http import UPGRADE

ASGI = "ASGI HTTP & WebSocket spec"
WSGI = "PEP 3333"

OK = {200}
REFUSED = range(400, 500)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"  # RFC 9113 3.4


@claim("protocol/bare-wsgi-is-valid", level="must", source=WSGI, needs=("reference",), evidence="none")
async def test_a_bare_wsgi_application_is_valid(bare: Bare) -> None:
    """A bare WSGI application answers on a server, and keeps every rule that the standard library can check."""
    async with await bare.visit(BARE_WSGI) as visit:
        await visit.ask("its page")
    judge(visit.history, partial(replied, codes={"its page": OK}), typed)

    calls, application = bare.calls(), bare.loaded(BARE_WSGI)
    calls.wsgi("the page", application)
    calls.wsgi("the telling", application, "POST", "/feeds/rules/", body=b"news")
    calls.wsgi("the end", application, "DELETE", "/feeds/rules/")
    calls.wsgi("the stream", application, "GET", "/feeds/rules/")
    codes = {"the page": OK, "the telling": {204}, "the end": {204}, "the stream": OK}
    judge(calls.history, partial(replied, codes=codes), typed)


@claim(
    "protocol/wsgi-answers-no-upgrade", level="must", source="RFC 6455 §4.2.2", needs=("reference",), evidence="none"
)
async def test_wsgi_answers_no_upgrade(bare: Bare) -> None:
    """Under WSGI a WebSocket handshake is one more HTTP request, which is never answered with 101."""
    async with await bare.visit(BARE_WSGI) as visit:
        await visit.ask("a handshake", headers=UPGRADE)
    judge(visit.history, partial(replied, codes={"a handshake": OK}))

    async with await bare.visit(PROJECT_WSGI) as visit:
        await visit.ask("a page of Django's")
        await visit.ask("a handshake with Django", path="/ws/echo/", headers=UPGRADE)
    judge(visit.history, partial(replied, codes={"a page of Django's": OK, "a handshake with Django": {404}}))


@claim("protocol/wsgi-connections-last", level="must", source=WSGI, needs=("reference",), evidence="delivered")
async def test_wsgi_connections_last(bare: Bare) -> None:
    """Under WSGI a connection serves a second request, and a response arrives while it is still being made."""
    async with await bare.visit(BARE_WSGI) as visit:
        async with visit.connection() as one:
            await visit.ask("the first", over=one)
            await visit.ask("the second", over=one)
        await visit.follow(visit.stream("/feeds/"), events=3)

    judge(
        visit.history, *whole, partial(streamed, until=END), partial(replied, codes={"the first": OK, "the second": OK})
    )


@claim(
    "protocol/wsgi-runs-async-views",
    level="must",
    source="Django docs: Asynchronous support",
    needs=("reference",),
    evidence="none",
)
async def test_wsgi_runs_async_views(bare: Bare) -> None:
    """Under WSGI an asynchronous view answers as it does under ASGI."""
    async with await bare.visit(PROJECT_WSGI) as visit:
        await visit.ask("an asynchronous view")

    judge(visit.history, partial(replied, codes={"an asynchronous view": OK}))


@claim("protocol/bare-asgi-answers-http", level="must", source=f"{ASGI}: HTTP", needs=("reference",), evidence="none")
async def test_a_bare_asgi_application_answers_http(bare: Bare, server: ServerKind) -> None:
    """A bare ASGI application answers HTTP on every server, and says of what type its answer is."""
    async with await bare.visit(BARE, server) as visit:
        await visit.ask("the page")

    judge(visit.history, partial(replied, codes={"the page": OK}), typed)


@claim(
    "protocol/bare-websocket-serves-until-the-end",
    level="must",
    source=f"{ASGI}: WebSocket",
    needs=("reference",),
    evidence="delivered",
)
async def test_a_bare_websocket_serves_until_the_end(bare: Bare, server: ServerKind) -> None:
    """A bare WebSocket application speaks when spoken to, answers every frame, and returns when the client has gone."""
    async with await bare.player(BARE, server, "/") as player:
        await player.join("alice")
        for _ in range(3):
            await player.say("alice")
        await player.join("bob")
        await player.drop("bob")

    judge(player.history, echoed, disconnect_once_and_last, crashed, grammatical)


@claim(
    "protocol/bare-asgi-knows-its-scopes",
    level="must",
    source="ASGI spec: Applications; ASGI Lifespan spec",
    needs=("reference",),
    evidence="none",
)
async def test_a_bare_asgi_application_knows_its_scopes(bare: Bare) -> None:
    """A bare ASGI application answers a server's start and end, and raises for a protocol that it does not know."""
    calls, application = bare.calls(), bare.loaded(BARE)
    await calls.asgi("a lifespan", application, {"type": "lifespan"}, "lifespan.startup", "lifespan.shutdown")
    await calls.asgi("an unknown protocol", application, {"type": "telepathy"})

    due = {"a lifespan": ["lifespan.startup.complete", "lifespan.shutdown.complete"]}
    judge(calls.history, partial(answers, due=due), partial(raised, name="an unknown protocol", words="telepathy"))


@claim(
    "protocol/server-decides-the-http-version",
    level="info",
    source=f"{ASGI}: HTTP",
    needs=("reference",),
    evidence="none",
)
async def test_the_server_decides_which_http_it_speaks(bare: Bare, server: ServerKind) -> None:
    """As installed, without TLS, a server hands over HTTP/1.1 and refuses to be spoken to in HTTP/2."""
    async with await bare.visit(BARE, server) as visit:
        await visit.ask("HTTP/1.1", tells={"http_version": "the version"})
        await visit.ask_raw("HTTP/2", PREFACE)

    judge(visit.history, partial(replied, codes={"HTTP/2": REFUSED}), partial(told, facts={"the version": "1.1"}))


@claim(
    "protocol/handshake-takes-a-key-and-a-version",
    level="must",
    source="RFC 6455 §4.2.1",
    needs=("reference",),
    evidence="none",
)
async def test_a_handshake_takes_a_key_and_a_version(bare: Bare, server: ServerKind) -> None:
    """A GET that asks for an upgrade is answered with 101 only if it brings a key and the version 13 as well."""
    upgrade = {name: value for name, value in UPGRADE.items() if not name.startswith("Sec-")}
    key, version = ({name: UPGRADE[name]} for name in ("Sec-WebSocket-Key", "Sec-WebSocket-Version"))
    async with await bare.visit(BARE, server) as visit:
        await visit.ask("the whole handshake", headers=UPGRADE)
        await visit.ask("neither key nor version", headers=upgrade)
        await visit.ask("no version", headers=upgrade | key)
        await visit.ask("no key", headers=upgrade | version)
        await visit.ask("the version 12", headers={**UPGRADE, "Sec-WebSocket-Version": "12"})
        await visit.ask("a POST", "POST", headers=UPGRADE)

    refused = ("neither key nor version", "no version", "no key", "the version 12", "a POST")
    judge(visit.history, partial(replied, codes={"the whole handshake": {101}, **dict.fromkeys(refused, REFUSED)}))


@claim("protocol/client-is-the-peer", level="must", source=f"{ASGI}: HTTP", needs=("reference",), evidence="none")
async def test_the_client_is_the_peer(bare: Bare, server: ServerKind) -> None:
    """The client of a scope is the other end of the TCP connection, and so the proxy where there is one."""
    facts: dict[str, str] = {}
    async with await bare.visit(BARE, server) as visit:
        async with visit.connection() as one:
            facts["the client"] = str([*one.address])
            await visit.ask("directly", over=one, tells={"client": "the client"})
        async with visit.proxied() as proxy, visit.connection(proxy) as one:
            await visit.ask("through a proxy", over=one, tells={"client": "the client of a proxy"})
            facts["the client of a proxy"] = str([*proxy.address])

    judge(visit.history, partial(told, facts=facts))
