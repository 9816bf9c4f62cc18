"""What must hold before the first client comes: how the application is imported, and what its settings come to."""

from __future__ import annotations

from functools import partial

from channels.auth import AuthMiddleware
from channels.security.websocket import AllowedHostsOriginValidator, OriginValidator
from django.test.utils import override_settings

from channels_conformance.checks import (
    groups_outlast_connections,
    knocks_answered,
    layers_made,
    lost,
    origins_named,
    started,
    system_checks_pass,
    waits_outlast_reads,
    websockets_named,
)
from channels_conformance.spec import claim, judge
from channels_conformance.subject.knocks import Knock, called, doorkeeper, knocked
from channels_conformance.subject.profile import ServerKind
from channels_conformance.subject.subject import Subject

DEPLOYING = "Channels docs: Deploying"
LAYERS = "Channels docs: Channel Layers"
SECURITY = "Channels docs: Security"


@claim("configuration/imports-cold", level="must", source=f"{DEPLOYING}; django/channels#1564", evidence="none")
def test_the_application_imports_cold(subject: Subject, server: ServerKind) -> None:
    """Each server's own command line imports the application, with no app loaded before it."""
    history = subject.started(server)

    judge(history, started)


@claim(
    "configuration/layer-reaches-other-processes",
    level="must",
    source=f"{LAYERS}; django/channels#1876",
    needs=("redis", "several workers"),
    evidence="delivered",
)
async def test_the_layer_reaches_other_processes(subject: Subject) -> None:
    """A message that another process sends to a channel arrives here."""
    history = await subject.across_processes()

    judge(history, lost)


@claim(
    "configuration/layer-waits-are-not-cut-short",
    level="must",
    source="django/channels_redis#422",
    needs=("redis",),
    evidence="none",
)
async def test_the_layer_may_wait_as_long_as_it_does(subject: Subject) -> None:
    """No connection to Redis gives up before the answer that the layer waits for can come."""
    history = subject.configured()

    judge(history, waits_outlast_reads)


@claim(
    "configuration/groups-outlast-connections",
    level="should",
    source=f"{LAYERS}; django/channels_redis#91",
    needs=("redis",),
    evidence="none",
)
async def test_a_group_outlasts_its_members_connections(subject: Subject) -> None:
    """No group forgets a member whose connection may still live."""
    history = subject.configured()

    judge(history, groups_outlast_connections)


@claim(
    "configuration/origin-validator-names-hosts",
    level="must",
    source="Channels docs: Security; django/channels#1657",
    evidence="none",
)
async def test_an_origin_validator_names_hosts(subject: Subject) -> None:
    """No origin validator in front of an endpoint that reads cookies lets every origin in."""
    history = subject.configured()

    judge(history, origins_named)


@claim(
    "configuration/system-checks-find-no-error",
    level="must",
    source="Django docs: System check framework; django/channels#1958",
    evidence="none",
)
def test_system_checks_find_no_error(subject: Subject) -> None:
    """Django's own system checks, which a server's command never runs, find no error."""
    judge(subject.checked(), system_checks_pass)


@claim("configuration/layers-can-be-made", level="must", source=LAYERS, evidence="none")
async def test_layers_can_be_made(subject: Subject) -> None:
    """Every channel layer can be made of its settings."""
    judge(subject.configured(), layers_made)


@claim("configuration/asgi-application-takes-websockets", level="must", source=DEPLOYING, evidence="none")
def test_asgi_application_takes_websockets(subject: Subject) -> None:
    """The setting ASGI_APPLICATION names an application that takes WebSockets."""
    judge(subject.asgi_application(), websockets_named)


@claim(
    "configuration/user-needs-a-session",
    level="should",
    source="Channels docs: Authentication",
    needs=("reference",),
    evidence="none",
)
async def test_a_user_needs_a_session() -> None:
    """AuthMiddleware with no session in front of it ends every handshake with ValueError."""
    history = await knocked(AuthMiddleware(doorkeeper), ["/"])

    judge(history, partial(knocks_answered, crashed={"/": "ValueError: AuthMiddleware cannot find session"}))


@claim(
    "configuration/origin-pattern-with-a-scheme-is-exact",
    level="should",
    source=SECURITY,
    needs=("reference",),
    evidence="none",
)
async def test_an_origin_pattern_with_a_scheme_is_exact() -> None:
    """A pattern with a scheme fixes scheme and port, one with a dot takes subdomains, and "*" alone takes no origin."""
    shop, home = "http://shop.example:8000", ".home.example"
    let_in = [Knock(origin=shop), Knock(origin="https://www.home.example"), Knock(origin="http://home.example:99")]
    left_out = [Knock(origin="https://shop.example:8000"), Knock(origin="http://shop.example"), Knock(origin=None)]
    history = await knocked(OriginValidator(doorkeeper, [shop, home]), [*let_in, *left_out])

    judge(history, partial(knocks_answered, accepted=[*map(str, let_in)], refused=[*map(str, left_out)]))

    anybody = await knocked(OriginValidator(doorkeeper, ["*"]), [Knock(origin=None)])
    page = await called(OriginValidator(doorkeeper, ["*"]), {"type": "http", "headers": []})

    judge(anybody, partial(knocks_answered, accepted=[str(Knock(origin=None))]))
    judge(page, partial(knocks_answered, crashed={"http": "ValueError"}))


@claim(
    "configuration/allowed-hosts-are-read-once", level="should", source=SECURITY, needs=("reference",), evidence="none"
)
async def test_allowed_hosts_are_read_once() -> None:
    """The validator keeps the ALLOWED_HOSTS of the moment it was made, and those of localhost where it is empty."""
    shop, local, new = (Knock(origin=f"http://{host}") for host in ("shop.example", "localhost", "new.example"))
    with override_settings(ALLOWED_HOSTS=["shop.example"], DEBUG=False):
        strict = AllowedHostsOriginValidator(doorkeeper)
    with override_settings(ALLOWED_HOSTS=[], DEBUG=True):
        loose = AllowedHostsOriginValidator(doorkeeper)
    with override_settings(ALLOWED_HOSTS=["new.example"], DEBUG=False):
        judge(
            await knocked(strict, [shop, local, new]),
            partial(knocks_answered, accepted=[str(shop)], refused=[str(local), str(new)]),
        )
        judge(
            await knocked(loose, [shop, local, new]),
            partial(knocks_answered, accepted=[str(local)], refused=[str(shop), str(new)]),
        )
