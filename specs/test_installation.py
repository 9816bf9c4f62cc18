"""What an installation brings, and what comes up when a project is started in one way or another."""

from __future__ import annotations

from functools import partial

import pytest

from channels_conformance.checks import (
    crashed,
    crossed,
    ended,
    handshakes_crash,
    logged,
    lost,
    named,
    served,
)
from channels_conformance.fixtures import Tried
from channels_conformance.spec import claim, judge
from channels_conformance.subject.installed import commands, missing_app, requirements
from channels_conformance.subject.other_layers import (
    IN_MEMORY,
    IN_MEMORY_WITH_HOSTS,
    layers_are,
    neighbours,
    offered,
)
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.starting.ways import PAGE, STYLE_SHEET
from channels_conformance.subject.subject import Subject

INSTALLATION = "Channels docs: Installation"
LAYERS = "Channels docs: Channel Layers"
CALLS = {
    *("send", "receive", "new_channel", "group_add", "group_discard", "group_send", "flush"),
    *("close", "close_pools", "compile_capacities", "get_capacity", "match_type_and_length", "non_local_name"),
    *("require_valid_channel_name", "require_valid_group_name", "valid_channel_name", "valid_channel_names"),
    *("valid_group_name", "connection", "consistent_hash", "create_pool", "serialize", "deserialize"),
    *("receive_single", "wait_received"),
}
"""What a layer can be called for: the three of a channel, the three of a group, and how a layer does its own work."""


@claim(
    "installation/channels-brings-no-server",
    level="should",
    source=INSTALLATION,
    needs=("reference",),
    evidence="none",
)
def test_channels_brings_no_server() -> None:
    """Channels requires Django and asgiref and no server, and an installed app that is not there cannot be loaded."""
    judge(requirements(), partial(named, marker="requirement", detail="", exactly=("django", "asgiref")))
    judge(missing_app(), partial(named, marker="answer to a missing app", exactly=("ModuleNotFoundError",)))


@claim(
    "installation/in-memory-layer-comes-with-channels",
    level="should",
    source=f"{INSTALLATION}; {LAYERS}",
    needs=("reference",),
    evidence="none",
)
def test_the_in_memory_layer_comes_with_channels() -> None:
    """The extra called daphne requires Daphne alone, and the in-memory layer is in Channels itself."""
    judge(
        requirements(),
        partial(named, marker="requirement", detail="daphne", exactly=("daphne",)),
        partial(named, marker="layer", exactly=("InMemoryChannelLayer",), others=True),
    )


@claim("installation/runserver-is-daphnes", level="must", source="Daphne 4.0 release notes", needs=("reference",))
async def test_runserver_is_daphnes(ways: Tried) -> None:
    """With the app daphne installed runserver says that it is Daphne and takes WebSockets, and without it does not."""
    history = await ways("runserver", "runserver without daphne")

    judge(
        history,
        lost,
        partial(served, way="runserver", statuses={PAGE: 200, "websocket": 101}),
        partial(logged, way="runserver", words="Starting ASGI/Daphne version"),
        partial(served, way="runserver without daphne", statuses={PAGE: 200, "websocket": 404}),
    )


@claim(
    "installation/daphne-stands-before-staticfiles",
    level="must",
    source="Daphne 4.0 release notes; django/channels#1958",
    needs=("reference",),
)
async def test_daphne_stands_before_staticfiles(ways: Tried) -> None:
    """The app daphne need not be first, but before staticfiles, and a server's own command does not care."""
    history = await ways("runserver", "runserver with daphne last", "daphne without ASGI_APPLICATION")

    judge(
        history,
        partial(served, way="runserver", statuses={"websocket": 101}),
        partial(ended, way="runserver with daphne last", words="daphne.E001"),
        partial(served, way="daphne without ASGI_APPLICATION", statuses={"websocket": 101}),
    )


@claim(
    "installation/asgi-application-is-for-runserver",
    level="must",
    source="Channels docs: Deploying",
    needs=("reference",),
)
async def test_asgi_application_is_for_runserver(ways: Tried) -> None:
    """Without ASGI_APPLICATION runserver ends, and a server that is told on its command line serves."""
    told = ("daphne without ASGI_APPLICATION", "uvicorn without ASGI_APPLICATION")
    history = await ways("runserver without ASGI_APPLICATION", *told)

    judge(
        history,
        partial(ended, way="runserver without ASGI_APPLICATION", words="You have not set ASGI_APPLICATION"),
        *(partial(served, way=way, statuses={PAGE: 200, "websocket": 101}) for way in told),
    )


@claim(
    "installation/static-files-are-runservers",
    level="must",
    source="Django docs: How to deploy static files",
    needs=("reference",),
)
async def test_static_files_are_runservers(ways: Tried) -> None:
    """Daphne's own command serves pages and WebSockets and no static file, which runserver does serve."""
    history = await ways("runserver", "daphne without ASGI_APPLICATION")

    judge(
        history,
        partial(served, way="runserver", statuses={STYLE_SHEET: 200}),
        partial(
            served,
            way="daphne without ASGI_APPLICATION",
            statuses={PAGE: 200, "websocket": 101, STYLE_SHEET: 404},
        ),
    )


@claim("installation/channels-app-is-for-runworker", level="should", source=INSTALLATION, needs=("reference",))
async def test_the_app_channels_is_for_runworker(ways: Tried) -> None:
    """WebSockets are served with no app channels installed, and all that the app would add is runworker."""
    history = await ways("runserver")
    history.events += commands().events

    judge(
        history,
        partial(served, way="runserver", statuses={"websocket": 101}),
        partial(named, marker="command", detail="channels", exactly=("runworker",)),
    )


@claim(
    "installation/groups-need-no-redis",
    level="must",
    source=LAYERS,
    endpoint="group",
    needs=("reference",),
    evidence="delivered",
)
async def test_groups_need_no_redis(subject: Subject, endpoint: Endpoint) -> None:
    """Within one process everybody in a room hears a message over the in-memory layer, and nobody else does."""
    with layers_are(IN_MEMORY):
        async with subject.player(endpoint, over="process") as player:
            for client, room in (("alice", "lobby"), ("bob", "lobby"), ("carol", "lobby"), ("dave", "attic")):
                await player.join(client, room)
            await player.say("alice", "hello")
            await player.fence()

    judge(player.history, lost, crossed, crashed)


@claim(
    "installation/in-memory-layer-takes-no-hosts",
    level="must",
    source=LAYERS,
    endpoint="echoing",
    needs=("redis", "reference"),  # without a Redis, groups are counted in the layer, and this one cannot be made
    evidence="none",
)
async def test_the_in_memory_layer_takes_no_hosts(subject: Subject, endpoint: Endpoint) -> None:
    """An in-memory layer that is left the hosts of a Redis layer ends every handshake with TypeError, an echo's too."""
    with layers_are(IN_MEMORY_WITH_HOSTS):
        async with subject.player(endpoint, over="process") as player:
            await player.join("alice", "lobby", ready=False)

    judge(player.history, partial(handshakes_crash, error="TypeError"))


@claim(
    "installation/projects-on-one-redis-need-prefixes",
    level="must",
    source=f"{LAYERS}; django/channels#497",
    needs=("redis", "reference"),
    evidence="delivered",
)
@pytest.mark.parametrize("one_prefix", [True, False], ids=["one-prefix", "two-prefixes"])
async def test_projects_on_one_redis_need_prefixes(subject: Subject, *, one_prefix: bool) -> None:
    """Two projects on one Redis with one prefix, as by default, hear each other, and with two prefixes do not."""
    history = await neighbours(subject.run, one_prefix=one_prefix)

    judge(history, lost, crossed, partial(named, marker="prefix by default", exactly=("asgi",)))


@claim("installation/no-call-reaches-everybody", level="should", source=LAYERS, needs=("reference",), evidence="none")
def test_no_call_reaches_everybody() -> None:
    """A layer can be told to send to a channel or to a group, and neither to everybody nor who is in a group."""
    judge(offered(), partial(named, marker="call", exactly=CALLS))
