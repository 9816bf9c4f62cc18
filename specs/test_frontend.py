"""The page of a room, in a real browser: what it shows, what it says of its connection, and what becomes of both.

The page is the reference app's. Each one is opened behind a relay that stands for the network, so that a play can hold
a handshake up, cut a connection and make it deaf. Its timers run a hundred times as fast, and are noted.
"""

from __future__ import annotations

from functools import partial

from channels_conformance.checks import (
    pages_back_off,
    pages_come_back,
    pages_keep_order,
    pages_run_nothing,
    pages_show_all,
    pages_stay_away,
    pages_tell_their_state,
    schemes_agree,
    scripts_survive,
)
from channels_conformance.fixtures import OpenPages
from channels_conformance.spec import claim, judge
from channels_conformance.subject.profile import Endpoint

WEBSOCKETS = "WHATWG WebSockets Standard"

MARKUP = (
    "<img src=x onerror=\"alert('run')\">",
    "<script>alert('run')</script>",
    "a < b && b > c",
    "<b>bold</b>",
    "&lt;",
)
"""What becomes something else where a page takes text for markup."""

TEXTS = ("hello", "早安，大家好", "שלום", "👩‍👩‍👧", "two  spaces", "'\"\\", '{"type": "error"}', "x" * 2000)
"""What people say, and what some pages stumble over."""

UNREADABLE = ("", "no JSON", "null", "[]", "{}", '"text"', '{"type": "message"}', '{"type": null}', b"\x00\xff")
"""Frames that a page cannot make anything of."""


@claim(
    "frontend/says-how-it-is-connected",
    level="must",
    source=f"{WEBSOCKETS}; notes §5",
    endpoint="group",
    needs=("browser", "redis"),
)
async def test_the_page_says_how_it_is_connected(pages: OpenPages, endpoint: Endpoint) -> None:
    """The page says that it is connected once it is, and not before; and when it no longer is, with which code."""
    async with pages(endpoint) as play:
        await play.open("alice", "lobby", hold=True)
        await play.look("alice")
        await play.back("alice")
        for code in (1001, 1011, 1013, 4000):
            play.close("alice", code)
            await play.look("alice", str(code))
            await play.back("alice")
        play.cut("alice")
        await play.look("alice", "1006")

    judge(play.history, pages_tell_their_state)


@claim(
    "frontend/shows-what-all-say-once",
    level="must",
    source="Channels docs: Tutorial",
    endpoint="group",
    needs=("browser", "redis"),
    evidence="delivered",
)
async def test_the_page_shows_what_all_say_once(pages: OpenPages, endpoint: Endpoint) -> None:
    """What is said on one page is shown once on that and on every other of the room, on whichever worker, in order."""
    async with pages(endpoint) as play:
        await play.open("alice", "lobby", worker=0)
        await play.open("bob", "lobby", worker=1)
        await play.open("carol", "hall", worker=0)
        for text in TEXTS:
            last = [await play.say(client, text) for client in ("alice", "bob")]
        for marker in last:
            await play.shown(marker, "alice", "bob")
        await play.shown(await play.say("carol"), "carol")

    judge(play.history, pages_show_all, pages_keep_order)


@claim(
    "frontend/text-stays-text",
    level="must",
    source="OWASP: DOM based XSS Prevention",
    endpoint="group",
    needs=("browser", "redis"),
    evidence="delivered",
)
async def test_text_stays_text(pages: OpenPages, endpoint: Endpoint) -> None:
    """What looks like markup, in a message or a name, is shown as it was typed, and nothing of it runs."""
    async with pages(endpoint) as play:
        await play.open("alice", "<i>lobby")
        await play.open("<b>eve</b>", "<i>lobby", worker=1)
        for text in MARKUP:
            await play.say("<b>eve</b>", text)
        await play.shown(await play.say("<b>eve</b>"), "alice", "<b>eve</b>")

    judge(play.history, pages_run_nothing, pages_show_all, scripts_survive)


@claim(
    "frontend/nothing-typed-is-lost",
    level="must",
    source=f"{WEBSOCKETS}; notes §5",
    endpoint="group",
    needs=("browser", "redis"),
    evidence="delivered",
)
async def test_nothing_that_is_typed_is_lost(pages: OpenPages, endpoint: Endpoint) -> None:
    """What is sent before the socket is open, into a dead line or after a close comes to the room, once."""
    async with pages(endpoint) as play:
        await play.open("bob", "lobby", worker=1)
        await play.open("alice", "lobby", hold=True)
        before = await play.say("alice", "before the handshake is answered")
        await play.back("alice")
        await play.shown(before, "bob")

        play.deafen("alice")
        await play.say("alice", "into a dead line")
        play.cut("alice")
        await play.look("alice", "closed")
        after = await play.say("alice", "while there is no connection")
        await play.back("alice")
        await play.shown(after, "alice", "bob")

    judge(play.history, pages_show_all, scripts_survive)


@claim(
    "frontend/comes-back-and-misses-nothing",
    level="must",
    source=f"{WEBSOCKETS}; notes §5",
    endpoint="group",
    needs=("browser", "redis"),
    evidence="delivered",
)
async def test_the_page_comes_back_and_misses_nothing(pages: OpenPages, endpoint: Endpoint) -> None:
    """A page that lost its connection opens another by itself, and shows what was said meanwhile."""
    async with pages(endpoint) as play:
        await play.open("alice", "lobby", worker=0)
        await play.open("bob", "lobby", worker=1)
        await play.shown(await play.say("alice", "before"), "bob")
        play.cut("alice")
        await play.look("alice", "closed")
        await play.shown(await play.say("bob", "meanwhile"), "bob")
        await play.back("alice")
        await play.shown(await play.say("bob", "after"), "alice", "bob")

    judge(play.history, pages_come_back, pages_show_all)


@claim(
    "frontend/waits-longer-after-each-failure",
    level="should",
    source="RFC 6455 §7.2.3",
    endpoint="group",
    needs=("browser", "redis"),
)
async def test_the_page_waits_longer_after_each_failure(pages: OpenPages, endpoint: Endpoint) -> None:
    """The more attempts have failed, the longer a page waits for the next, and no two pages wait equally long."""
    async with pages(endpoint) as play:
        for client in ("alice", "bob"):
            await play.open(client, "lobby")
        for client in ("alice", "bob"):
            play.cut(client)
            await play.knocks(client, 8)

    judge(play.history, pages_back_off)


@claim(
    "frontend/stays-away-once-signed-out",
    level="should",
    source="RFC 6455 §7.2.3",
    endpoint="group",
    needs=("browser", "redis"),
)
async def test_the_page_stays_away_once_its_user_has_signed_out(pages: OpenPages, endpoint: Endpoint) -> None:
    """A page whose session is over, be it told so by a close or by a refused handshake, knocks no more."""
    async with pages(endpoint) as play:
        await play.open("alice, told", "lobby")
        await play.sign_out("alice, told")
        await play.say("alice, told", "am I still here?")
        await play.look("alice, told", "signed out")

        await play.open("bob, refused", "hall")
        await play.sign_out("bob, refused")
        play.cut("bob, refused", refuse=False)
        await play.look("bob, refused", "signed out")

    judge(play.history, partial(pages_stay_away, knocks={"alice, told#1": 1, "bob, refused#1": 2}))


@claim(
    "frontend/scheme-follows-the-page",
    level="must",
    source="W3C Mixed Content; notes §5",
    endpoint="group",
    needs=("browser", "redis"),
)
async def test_the_scheme_follows_the_page(pages: OpenPages, endpoint: Endpoint) -> None:
    """A page that came over HTTPS opens a wss:// socket, one that came over HTTP a ws:// one."""
    async with pages(endpoint) as play:
        await play.open("alice", "lobby")
        await play.open("bob", "lobby", tls=True)

    judge(play.history, schemes_agree, pages_tell_their_state)


@claim(
    "frontend/unreadable-frame-breaks-nothing",
    level="must",
    source="notes §5",
    endpoint="group",
    needs=("browser", "redis"),
    evidence="delivered",
)
async def test_an_unreadable_frame_breaks_nothing(pages: OpenPages, endpoint: Endpoint) -> None:
    """A frame that is no JSON, or not what the page knows, shows nothing and costs nothing that comes after it."""
    async with pages(endpoint) as play:
        await play.open("alice", "lobby")
        for frame in UNREADABLE:
            play.inject("alice", frame)
        await play.shown(await play.say("alice", "still listening"), "alice")

    judge(play.history, scripts_survive, pages_show_all, pages_tell_their_state)
