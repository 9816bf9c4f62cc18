"""From which site a connection may come. Browsers send cookies from any page; the Origin alone tells whose page it is.

Each spec lets the same user in from the application's own site, so that an application which lets nobody in keeps no
claim.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from hypothesis import Phase, given, settings

from channels_conformance.checks import Check, kept_out, turned_away
from channels_conformance.history import History
from channels_conformance.spec import claim, judge, not_applicable
from channels_conformance.subject.profile import Endpoint, ServerKind
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic import origins

SECURITY = "Channels docs: Security"

BY_COOKIE = "protected by-cookie"  # no page of another site can have a token sent along

# An application that lets somebody in costs a deadline each time, and these values are as small as they get.
AS_DRAWN = settings(phases=[Phase.explicit, Phase.generate])


async def _knock_from(
    subject: Subject, endpoint: Endpoint, sites: Iterable[str], **where: Any
) -> tuple[History, Check]:
    """Have alice come from the application's own site, and then, with the same cookie, from each of the others."""
    async with subject.player(endpoint, **where) as player:
        await player.join("alice", "lobby")
        for site in sites:
            await player.intrude("alice, lured", "lobby", user="alice", origin=site)
    return player.history, partial(turned_away, barred=player.intruders, admits_all=endpoint.admits_all)


@claim("auth/foreign-origin-is-refused", level="must", source=f"{SECURITY}; RFC 6455 §10.2", endpoint=BY_COOKIE)
async def test_a_page_of_another_site_is_refused(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """A good session cookie opens nothing from a page of another site."""
    sites = (origins.STRANGER, origins.STRANGER.replace("http:", "https:"))

    judge(*await _knock_from(subject, endpoint, sites, servers=subject.servers(server)))


@claim("auth/foreign-origin-is-refused", level="must", source=f"{SECURITY}; RFC 6455 §10.2", endpoint=BY_COOKIE)
@AS_DRAWN
@given(site=origins.strangers())
async def test_a_page_of_any_other_site_is_refused(subject: Subject, endpoint: Endpoint, site: str) -> None:
    """Whatever the other site is called, and whichever scheme and port it has."""
    judge(*await _knock_from(subject, endpoint, [site], over="process"))


@claim("auth/foreign-origin-is-refused", level="must", source=f"{SECURITY}; RFC 6455 §10.2", endpoint="unknown")
async def test_a_page_of_another_site_is_refused_where_a_session_is_needed(
    subject: Subject, endpoint: Endpoint
) -> None:
    """Where nobody is let in without a session, a page of another site is not let in by one."""
    async with subject.player(endpoint, over="process") as player:
        a_user = await player.join("alice", "lobby")
        anyone = await player.join("a stranger", "lobby", user="")
    if not a_user or anyone:
        not_applicable("a session makes no difference to who is let in")

    judge(*await _knock_from(subject, endpoint, [origins.STRANGER], over="process"))


@claim("auth/open-endpoint-checks-origin", level="should", source=f"{SECURITY}; RFC 6455 §10.2", endpoint="unguarded")
async def test_an_open_endpoint_is_closed_to_other_sites(subject: Subject, endpoint: Endpoint) -> None:
    """Where anyone may enter, the pages of other sites may not."""
    sites = (origins.STRANGER, origins.STRANGER.replace("http:", "https:"))

    async with subject.player(endpoint, over="process") as player:
        await player.join("alice", "lobby")
        for site in sites:
            await player.intrude("alice, lured", "lobby", user="alice", origin=site)

    judge(player.history, partial(kept_out, barred=player.intruders))


@claim("auth/missing-origin-is-refused", level="must", source=SECURITY, endpoint=BY_COOKIE)
async def test_a_cookie_without_an_origin_is_refused(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """A session cookie opens nothing where no Origin says whose page it comes from."""
    judge(*await _knock_from(subject, endpoint, [""], servers=subject.servers(server)))


@claim("auth/null-origin-is-refused", level="must", source=f"RFC 6454 §7.3; {SECURITY}", endpoint=BY_COOKIE)
async def test_the_null_origin_is_refused(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """A session cookie opens nothing from a page that has no origin to name."""
    judge(*await _knock_from(subject, endpoint, ["null"], servers=subject.servers(server)))


@claim("auth/lookalike-origin-is-refused", level="must", source=f"{SECURITY}; RFC 6454 §4", endpoint=BY_COOKIE)
async def test_a_lookalike_of_the_own_site_is_refused(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """A site whose name begins with, ends with or holds the application's own is another site."""
    own = urlsplit(subject.servers(server)[0].url("/"))
    sites = origins.lookalikes(own.hostname or "", own.port or 80)

    judge(*await _knock_from(subject, endpoint, sites, servers=subject.servers(server)))


@claim("auth/lookalike-origin-is-refused", level="must", source=f"{SECURITY}; RFC 6454 §4", endpoint=BY_COOKIE)
async def test_a_lookalike_of_localhost_is_refused(subject: Subject, endpoint: Endpoint) -> None:
    """A site whose name merely looks like localhost, which is allowed in every run, is another site."""
    judge(*await _knock_from(subject, endpoint, origins.lookalikes("localhost"), over="process"))
