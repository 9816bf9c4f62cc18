"""The fixtures that specs ask for; registered only in a session that judges a subject."""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import Awaitable, Callable, Generator, Iterator
from typing import TYPE_CHECKING, cast

import pytest
from channels.layers import get_channel_layer
from django.test.utils import setup_databases

from channels_conformance.history import History
from channels_conformance.services.servers import Server
from channels_conformance.spec import NotApplicable
from channels_conformance.subject.aging import Aged, Aging
from channels_conformance.subject.layer import LayerGroup
from channels_conformance.subject.layers import JudgedLayer, NoRedis, judged
from channels_conformance.subject.profile import Endpoint, ProfileError, ServerKind
from channels_conformance.subject.subject import Subject

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from channels_conformance.session import Session


Silent = Callable[[Endpoint], Awaitable[History]]
"""A way to wait for the history of the connections that have been silent since the session began."""


LateWorker = Callable[[], Awaitable[History]]
"""A way to wait for the history of a task that was queued before its worker was there."""


ExtraServer = Callable[[ServerKind], Awaitable[Server]]
"""A way to get one more server, to stop or to kill."""


MakeGroup = Callable[[], LayerGroup]
"""A way to make groups of our own on the subject's channel layer."""


Age = Callable[[JudgedLayer], Awaitable[Aged]]
"""A way to see what a channel layer keeps for too long."""


@pytest.fixture(scope="session")
def conformance(request: pytest.FixtureRequest) -> Session:
    """Give the session that judges a subject."""
    return cast("Session", request.config.pluginmanager.get_plugin("conformance-session"))


@pytest.fixture(scope="session")
def subject(
    request: pytest.FixtureRequest,
    conformance: Session,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Generator[Subject, None, None]:
    """Give the subject, its test database made and its processes starting."""
    with django_db_blocker.unblock():
        # They end with the run, when nobody is connected to them any more: the guard sees to it.
        try:
            setup_databases(verbosity=0, interactive=False)
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            own = [frame for frame in frames if frame.filename.startswith(str(conformance.profile.root))]
            place = f" ({own[-1].filename}:{own[-1].lineno})" if own else ""
            raise ProfileError(
                f"{conformance.profile.root}: the test database cannot be made: {type(error).__name__}: {error}{place}."
                " Mend that first: `manage.py test` could not make it either."
            ) from error
        subject = Subject(conformance.run)
        conformance.run.start()
        if any(_asks_for("subject_idle", request)):
            subject.idle.begin()
        if not hasattr(request.config, "workerinput"):  # with pytest-xdist, another process may run what asks for them
            reference = conformance.options.fault or conformance.options.subject == "reference"
            if reference and conformance.run.redis and any(_asks_for("late_worker", request)):
                subject.late.begin()
            for item in _asks_for("extra_server", request):
                named = item.callspec.params if hasattr(item, "callspec") else {}
                conformance.run.spare_server(named.get("server", conformance.profile.servers[0]))
        yield subject
        subject.idle.end()


@pytest.fixture(scope="session")
def subject_idle(subject: Subject) -> Silent:
    """Give a way to wait for the history of the connections that have been silent since the session began."""

    async def silent(endpoint: Endpoint) -> History:
        history = await asyncio.to_thread(subject.idle.finish, endpoint.name)
        subject.run.histories.append(history)
        return history

    return silent


@pytest.fixture(scope="session")
def late_worker(subject: Subject) -> LateWorker:
    """Give a way to wait for the history of a task that was queued before its worker was there."""
    return subject.late.finish


@pytest.fixture(scope="session")
def extra_server(subject: Subject) -> ExtraServer:
    """Give a way to get one more server, to stop or to kill."""

    async def one_more(kind: ServerKind) -> Server:
        return await asyncio.to_thread(subject.run.extra_server, kind)

    return one_more


@pytest.fixture(scope="session")
def endpoint(request: pytest.FixtureRequest, conformance: Session) -> Endpoint | None:
    """Give the endpoint that a spec is about."""
    return conformance.profile.endpoint(request.param) if request.param else None


@pytest.fixture(scope="session")
def redis_group(subject: Subject) -> MakeGroup:
    """Give a way to make groups of our own on the subject's channel layer where that is one of Redis."""
    layer = get_channel_layer()
    kind = type(layer)
    if not kind.__module__.startswith("channels_redis"):
        raise NotApplicable(f"the subject's channel layer is {kind.__name__}, and the claim is about Redis")

    def group() -> LayerGroup:
        one = LayerGroup(layer)
        subject.run.histories.append(one.history)
        return one

    return group


@pytest.fixture(scope="session")
def layer(request: pytest.FixtureRequest, conformance: Session) -> JudgedLayer:
    """Give the channel layer that a spec is about."""
    if not request.param:
        raise NotApplicable("the subject has no channel layer")
    try:
        return judged(request.param, conformance.run)
    except NoRedis as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def age(request: pytest.FixtureRequest, conformance: Session) -> Age:
    """Give a way to see what a channel layer keeps for too long."""
    names = {item.callspec.params["layer"] for item in _asks_for("age", request) if hasattr(item, "callspec")}
    found = []
    for name in sorted(names - {""}):
        with contextlib.suppress(NoRedis):
            found.append(judged(name, conformance.run))
    aging = Aging(found)

    async def of(layer: JudgedLayer) -> Aged:
        aged = await aging.of(layer)
        conformance.run.histories += [history for history in (aged.message, aged.member) if history]
        return aged

    return of


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> str:
    """Give the kind of server that a spec is about."""
    return str(request.param)


def _asks_for(fixture: str, request: pytest.FixtureRequest) -> Iterator[pytest.Item]:
    return (item for item in request.session.items if fixture in getattr(item, "fixturenames", ()))
