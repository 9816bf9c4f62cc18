"""Which paths lead somewhere, and what becomes of a connection on any of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.checks import answered_handshake, crashed
from channels_conformance.spec import claim, judge
from channels_conformance.subject.discovery.samples import values
from channels_conformance.subject.paths import filled
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.subject import Subject

ROUTING = "Channels docs: Routing"


@claim(
    "routing/any-admitted-path-is-survived",
    level="must",
    source=f"{ROUTING}; django/channels#1845",
    endpoint="parametrised",
)
@given(data=st.data())
async def test_any_admitted_path_is_survived(subject: Subject, endpoint: Endpoint, data: st.DataObject) -> None:
    """Whatever the pattern of a route admits, in any script and of any length, makes no consumer raise."""
    path = filled(endpoint.path, data.draw(values(endpoint.admits)))
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice", "lobby", ready=False)
        await player.join("bob", "elsewhere", path=path, ready=False)

    judge(player.history, answered_handshake, crashed)
