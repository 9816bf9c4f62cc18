"""Which specs can be judged on a subject: what a spec needs, held against what the profile declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from channels_conformance.report.verdicts import Verdict
from channels_conformance.subject.profile import Endpoint, Profile

ENDPOINTS: dict[str, tuple[Callable[[Endpoint], bool], str]] = {
    "any": (lambda endpoint: True, "an endpoint"),
    "talking": (lambda endpoint: endpoint.hears in ("sender", "group"), 'hears = "sender" or "group"'),
    "sender": (lambda endpoint: endpoint.hears == "sender", 'hears = "sender"'),
    "group": (lambda endpoint: endpoint.hears == "group", 'hears = "group"'),
    "user": (lambda endpoint: endpoint.hears == "user", 'hears = "user"'),
    "protected": (lambda endpoint: endpoint.enter == "authenticated", 'enter = "authenticated"'),
    "open": (lambda endpoint: endpoint.enter == "anyone", 'enter = "anyone"'),
    "rejecting": (lambda endpoint: endpoint.refusal == "reject", 'refusal = "reject"'),
    "by-cookie": (lambda endpoint: endpoint.by_cookie, "users who are known by a cookie"),
    "immediate": (lambda endpoint: not endpoint.first, "no first frames"),
    "storing": (lambda endpoint: endpoint.stores is not None, "stores"),
    "attributing": (lambda endpoint: bool(endpoint.stores and endpoint.stores.user), "stores with a user"),
    "live": (lambda endpoint: not endpoint.replays, "replays = false"),
    "echoing": (lambda endpoint: endpoint.echoes, "echoes = true"),
    "grouping": (
        lambda endpoint: endpoint.hears in ("group", "user") or endpoint.enter == "unknown",
        'hears = "group" or "user"',
    ),
    "unknown": (lambda endpoint: endpoint.enter == "unknown", "no word on who may enter"),
    "unguarded": (
        lambda endpoint: endpoint.enter in ("anyone", "unknown") and _reads_cookies(endpoint),
        'enter = "anyone" behind something that reads cookies',
    ),
    "parametrised": (lambda endpoint: bool(endpoint.admits), "a path with a parameter, and a route that was found"),
    "closing": (lambda endpoint: bool(endpoint.close_command), "close_command"),
}
"""Words that say what an endpoint must be, and how a profile says so."""


def _reads_cookies(endpoint: Endpoint) -> bool:
    return endpoint.route is not None and endpoint.route.cookies


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a spec says of itself; see :func:`channels_conformance.spec.claim`."""

    ids: tuple[str, ...]
    level: str
    source: str
    endpoint: str = ""
    needs: tuple[str, ...] = ()
    evidence: str = "accepted"
    first: bool = False
    last: bool = False


def endpoints_for(about: About, profile: Profile) -> list[Endpoint]:
    """Return the endpoints that a spec is about."""
    tests = [ENDPOINTS[word][0] for word in about.endpoint.split()]
    found = [endpoint for endpoint in profile.endpoints if all(test(endpoint) for test in tests)]
    return found[:1] if about.first else found


def missing(
    about: About,
    profile: Profile,
    endpoint: str | None,
    *,
    no_redis: str,
    no_browser: Callable[[], str] = lambda: "",
    postgres: bool = False,
    reference: bool = False,
) -> tuple[Verdict, str] | None:
    """Return why a spec cannot be judged here, or None where it can."""
    if "browser" in about.needs and not reference:
        return Verdict.NOT_APPLICABLE, "it is about the page of a room, and only the reference app's is known"
    if "reference" in about.needs and not reference:
        return Verdict.NOT_APPLICABLE, "it is about Channels and servers, not about an app: judged on the reference app"
    if about.endpoint and endpoint is None:
        if profile.discovered:
            return Verdict.NOT_APPLICABLE, "it takes a profile: channels-conformance init writes one"
        wanted = " and ".join(ENDPOINTS[word][1] for word in about.endpoint.split())
        return Verdict.NOT_APPLICABLE, f"no endpoint of the profile has {wanted}"
    # On an endpoint that hears of its user, nothing is delivered unless a task, or an HTTP call, tells it.
    told = (
        "push" not in about.needs
        and endpoint is not None
        and profile.endpoint(endpoint).hears == "user"
        and about.evidence == "delivered"
    )
    needs = {*about.needs, "celery"} if told else set(about.needs)
    tasks = [task for task in profile.tasks if endpoint is None or task.notifies == endpoint]
    if "celery" in needs and not (profile.celery and tasks):
        return Verdict.NOT_APPLICABLE, "the profile declares no Celery task that tells a user"
    if "failing task" in needs and not any(task.failing for task in tasks):
        return Verdict.NOT_APPLICABLE, "no task of the profile has failing = [...]"
    if "stored task" in needs and not any(task.stores for task in tasks):
        return Verdict.NOT_APPLICABLE, "no task of the profile has stores"
    if "several workers" in needs and profile.discovered and not profile.celery:
        return Verdict.NOT_APPLICABLE, "nobody says that there is more than one process: a profile would"
    if "push" in needs and not any(endpoint in (None, push.notifies) for push in profile.pushes):
        return Verdict.NOT_APPLICABLE, "the profile declares no HTTP call ([pushes.NAME]) that tells an audience"
    if "several workers" in needs and len(profile.processes) < 2:
        return Verdict.NOT_APPLICABLE, "the profile says workers = 1"
    if "postgresql" in needs and not postgres:
        return Verdict.NOT_APPLICABLE, "the project uses no PostgreSQL, where a worker's connections can be counted"
    if {"redis", "celery"} & needs and no_redis:
        return Verdict.UNPROVEN, f"no Redis was found. {no_redis}"
    if "browser" in about.needs and (lacking := no_browser()):
        return Verdict.UNPROVEN, f"no browser was found. {lacking}"
    return None
