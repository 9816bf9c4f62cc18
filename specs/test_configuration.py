"""What must hold before the first client comes: how the application is imported, and what its settings come to."""

from __future__ import annotations

from channels_conformance.checks import (
    groups_outlast_connections,
    lost,
    origins_named,
    started,
    waits_outlast_reads,
)
from channels_conformance.spec import claim, judge
from channels_conformance.subject.profile import ServerKind
from channels_conformance.subject.subject import Subject

DEPLOYING = "Channels docs: Deploying"
LAYERS = "Channels docs: Channel Layers"


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
