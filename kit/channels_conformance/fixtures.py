"""The fixtures that specs ask for; registered only in a session that judges a subject."""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

import pytest
import pytest_asyncio
from channels.layers import get_channel_layer
from django.db import connections
from django.test.utils import setup_databases

from channels_conformance.history import History
from channels_conformance.names import SESSION
from channels_conformance.services.browser import start_browser
from channels_conformance.services.servers import Server, installed
from channels_conformance.spec import NotApplicable
from channels_conformance.subject import leftovers, lessons
from channels_conformance.subject.aging import Aged, Aging
from channels_conformance.subject.bare import Bare
from channels_conformance.subject.layer import LayerGroup
from channels_conformance.subject.layer_kinds import databases_of
from channels_conformance.subject.layers import JudgedLayer, NoService, judged, main_alias
from channels_conformance.subject.meeting import Meeting
from channels_conformance.subject.pages import Pages, connected
from channels_conformance.subject.profile import Endpoint, ProfileError, ServerKind
from channels_conformance.subject.scripted import Scripted
from channels_conformance.subject.subject import Subject

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from channels_conformance.session import Session


FEW = 6
"""Specs on bare applications for which their servers are started one by one, as they are asked for."""


Silent = Callable[[Endpoint], Awaitable[History]]
"""A way to wait for the history of the connections that have been silent since the session began."""


LateWorker = Callable[[], Awaitable[History]]
"""A way to wait for the history of a task that was queued before its worker was there."""
Tried = Callable[..., Awaitable[History]]
"""A way to wait for the history of the ways to start the subject, by their names."""


ExtraServer = Callable[[ServerKind], Awaitable[Server]]
"""A way to get one more server, to stop or to kill."""


Lesson = Callable[[str], lessons.LessonPlayer]
"""A way to play on a consumer of the reference app's lessons, named by its class."""


MakeGroup = Callable[[], LayerGroup]
"""A way to make groups of our own on the subject's channel layer."""


OpenPages = Callable[[Endpoint], Pages]
"""A way to play on pages of the subject in a real browser."""


Age = Callable[[JudgedLayer], Awaitable[Aged]]
"""A way to see what a channel layer keeps for too long."""


@pytest.fixture(scope="session")
def conformance(request: pytest.FixtureRequest) -> Session:
    """Give the session that judges a subject."""
    return cast("Session", request.config.pluginmanager.get_plugin(SESSION))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def left_running() -> AsyncIterator[None]:
    """End what the subject has left running in this process: its loop could not be closed."""
    yield
    await leftovers.end_tasks()


@pytest.fixture(scope="session")
def subject(
    request: pytest.FixtureRequest,
    conformance: Session,
    left_running: None,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Generator[Subject, None, None]:
    """Give the subject, its test database made and its processes starting."""
    with django_db_blocker.unblock():
        # They end with the run, when nobody is connected to them any more: the guard sees to it.
        if conformance.progress is not None:
            conformance.progress.waits("the test database, the servers and the workers")
        try:
            tables = databases_of(conformance.run.plan.layers.split(","))
            setup_databases(verbosity=0, interactive=False, aliases=dict.fromkeys({*connections} - {*tables}))
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            own = [frame for frame in frames if frame.filename.startswith(str(conformance.profile.root))]
            place = f" ({own[-1].filename}:{own[-1].lineno})" if own else ""
            raise ProfileError(
                f"{conformance.profile.root}: the test database cannot be made: {type(error).__name__}: {error}{place}."
                " Mend that first: `manage.py test` could not make it either."
            ) from error
        subject = Subject(conformance.run)
        if not conformance.asked.claims:  # a spec or two may need none of them, and each is started when it is needed
            conformance.run.start()
        if any(_asks_for("subject_idle", request)):
            subject.idle.begin()
        if not hasattr(request.config, "workerinput"):  # with pytest-xdist, another process may run what asks for them
            if any(_asks_for("late_worker", request)):
                subject.late.begin()
            for item in _asks_for("extra_server", request):
                named = item.callspec.params if hasattr(item, "callspec") else {}
                conformance.run.spare_server(named.get("server", conformance.profile.servers[0]))
            if len([*_asks_for("bare", request)]) > FEW:
                subject.bare.begin()
            # Where the first violation ends the run, it would wait for these, which nobody may have asked for yet.
            if any(_asks_for("ways", request)) and not request.config.getoption("maxfail"):
                subject.ways.begin()
        yield subject
        subject.ways.end()
        subject.idle.end()


@pytest.fixture(scope="session")
def ways(subject: Subject) -> Tried:
    """Give a way to wait for the history of the ways to start the subject."""

    async def tried(*names: str) -> History:
        history = await asyncio.to_thread(subject.ways.history, *names)
        subject.run.histories.append(history)
        return history

    return tried


@pytest.fixture(scope="session")
def subject_idle(subject: Subject, conformance: Session) -> Silent:
    """Give a way to wait for the history of the connections that have been silent since the session began."""

    async def silent(endpoint: Endpoint) -> History:
        if conformance.progress is not None:
            conformance.progress.waits(f"{endpoint.name}: its connections say nothing for a while")
        history = await subject.idle.finish(endpoint.name)
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
def bare(subject: Subject) -> Bare:
    """Give the bare applications of the reference app, on servers of their own."""
    return subject.bare


@pytest.fixture(scope="session")
def endpoint(request: pytest.FixtureRequest, conformance: Session) -> Endpoint | None:
    """Give the endpoint that a spec is about."""
    return conformance.profile.endpoint(request.param) if request.param else None


@pytest.fixture(scope="session")
def meeting(subject: Subject) -> Meeting:
    """Give a way to get the history of an endpoint from the play in which all of them are talked over at once."""
    return Meeting(subject)


@pytest.fixture(scope="session")
def lesson(subject: Subject) -> Lesson:
    """Give a way to play on a consumer of the reference app's lessons."""
    return partial(lessons.lesson, subject)


@pytest.fixture(scope="session")
def redis_group(subject: Subject) -> MakeGroup:
    """Give a way to make groups of our own on the subject's channel layer where that is one of Redis."""
    layer = get_channel_layer(main_alias())
    kind = type(layer)
    # A class of the project's own may extend it.
    if not any(base.__module__.startswith("channels_redis.") for base in kind.__mro__):
        raise NotApplicable(f"the subject's channel layer is {kind.__name__}, and the claim is about Redis")

    def group() -> LayerGroup:
        one = LayerGroup(layer)
        subject.run.histories.append(one.history)
        return one

    return group


@pytest.fixture(scope="session")
def layer_tables(
    conformance: Session, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Generator[None, None, None]:
    """Make the tables of the layers that keep some."""
    with django_db_blocker.unblock():
        tables = databases_of(conformance.run.plan.layers.split(","))
        setup_databases(verbosity=0, interactive=False, aliases=tables)
        yield


@pytest.fixture(scope="session")
def layer(request: pytest.FixtureRequest, conformance: Session) -> JudgedLayer:
    """Give the channel layer that a spec is about."""
    if not request.param:
        raise NotApplicable("the subject has no channel layer")
    try:
        found = judged(request.param, conformance.run, conformance.asked.layers)
    except NoService as reason:
        pytest.skip(str(reason))
    if found.keeps_tables:
        request.getfixturevalue("layer_tables")
    return found


@pytest.fixture(scope="session")
def age(request: pytest.FixtureRequest, conformance: Session) -> Age:
    """Give a way to see what a channel layer keeps for too long."""
    names = {item.callspec.params["layer"] for item in _asks_for("age", request) if hasattr(item, "callspec")}
    found = []
    for name in sorted(names - {""}):
        with contextlib.suppress(NoService):
            found.append(judged(name, conformance.run, conformance.asked.layers))
    aging = Aging(found)

    async def of(layer: JudgedLayer) -> Aged:
        aged = await aging.of(layer)
        conformance.run.histories += [history for history in (aged.message, aged.member) if history]
        return aged

    return of


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pages(subject: Subject) -> AsyncIterator[OpenPages]:
    """Give a way to play on pages of the subject in a real browser."""
    run = subject.run
    browser = await asyncio.to_thread(start_browser, folder=run.folder, guard=run.guard)

    async with connected(browser) as chromium:

        def on(endpoint: Endpoint) -> Pages:
            play = Pages(subject, chromium, endpoint)
            run.histories.append(play.history)
            return play

        yield on
    browser.kill()


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> str:
    """Give the kind of server that a spec is about."""
    return str(request.param)


@pytest.fixture(scope="session")
def any_server(request: pytest.FixtureRequest) -> ServerKind:
    """Give each kind of server that there is, whichever serve the subject."""
    kind: ServerKind = request.param
    if not installed(kind):
        pytest.skip(f"{kind} is not installed here: run `pip install {kind}`")
    return kind


@pytest.fixture(scope="session")
def scripted(request: pytest.FixtureRequest, subject: Subject) -> Scripted:
    """Give the scripted application, on a server of each kind."""
    named = [item.callspec.params for item in _asks_for("any_server", request) if hasattr(item, "callspec")]
    return Scripted(subject, list(dict.fromkeys(params["any_server"] for params in named)))


def _asks_for(fixture: str, request: pytest.FixtureRequest) -> Iterator[pytest.Item]:
    """Yield the specs that ask for a fixture and can be judged here."""
    session = cast("Session", request.config.pluginmanager.get_plugin(SESSION))
    asking = (item for item in request.session.items if fixture in getattr(item, "fixturenames", ()))
    return (item for item in asking if session.absent(item) is None)
