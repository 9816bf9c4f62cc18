"""Silent connections are opened beside everything else, and ended whether anybody asks for them or not."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from channels_conformance.history import History
from channels_conformance.subject import idle
from channels_conformance.subject.idle import IdleWatch
from channels_conformance.subject.profile import Endpoint, Profile
from channels_conformance.subject.subject import Subject

PROFILE = Profile(
    root=Path("/srv/shop"),
    settings="shop.settings",
    servers=("daphne", "uvicorn", "daphne"),
    endpoints=(
        Endpoint(name="echo", path="/ws/echo/", say="{text}"),
        Endpoint(name="chat", path="/ws/{room}/", hears="group", say="{text}"),
        Endpoint(name="bell", path="/ws/bell/", hears="user"),
    ),
)


class SilentPlayer:
    """Notes what it is told to do; its connections never end by themselves."""

    def __init__(self, endpoint: Endpoint, servers: list[str], acts: list[tuple[str, str, str]]) -> None:
        self.history = History()
        self.workers = len(servers)
        self._endpoint = endpoint.name
        self._acts = acts

    async def join(self, client: str, audience: str, *, worker: int) -> bool:
        """Note a join."""
        self._acts.append((self._endpoint, client, f"join {worker}"))
        return True

    async def ended(self, client: str, *, deadline: float) -> bool:
        """Be silent for as long as is asked."""
        await asyncio.sleep(deadline)
        return False

    async def say(self, client: str, text: str) -> str:
        """Note what is said."""
        self._acts.append((self._endpoint, client, text))
        return "~m1~"

    async def end(self) -> None:
        """Note the end."""
        self._acts.append((self._endpoint, "", "end"))

    async def fence(self) -> None:
        """Note that all that was said has been heard."""
        self._acts.append((self._endpoint, "", "fence"))


class Rig:
    """A subject that plays on silent players."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, str, str]] = []
        self.started: list[str] = []
        self.profile = PROFILE
        self.run = self

    def silent_server(self, kind: str) -> Future[str]:
        """Note that a server is started."""
        self.started.append(kind)
        future: Future[str] = Future()
        future.set_result(kind)
        return future

    def player(self, endpoint: Endpoint, *, servers: list[str]) -> SilentPlayer:
        """Return a silent player on servers that were started for it."""
        assert servers == self.started
        return SilentPlayer(endpoint, servers, self.acts)

    def watch(self) -> IdleWatch:
        """Return a watch over this subject."""
        return IdleWatch(cast("Subject", self))


@pytest.fixture(autouse=True)
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have silence over at once."""
    monkeypatch.setattr(idle, "SECONDS", 0.0)


def test_one_client_of_every_endpoint_that_talks_is_silent_on_a_server_of_each_kind() -> None:
    """When begin() returns the connections are open, and nothing is said before somebody asks."""
    rig = Rig()
    watch = rig.watch()

    watch.begin()
    opened = sorted(rig.acts)
    history = asyncio.run(watch.finish("chat"))
    watch.end()

    assert opened == [(name, f"idler{n}", f"join {n}") for name in ("chat", "echo") for n in (0, 1)]
    assert rig.started == ["daphne", "uvicorn"]
    assert isinstance(history, History)
    assert len([act for act in rig.acts if act[2] == "still here"]) == 4
    assert sorted(act for act in rig.acts if act[2] == "end") == [("chat", "", "end"), ("echo", "", "end")]
    assert [act[2] for act in rig.acts if act[2] in ("fence", "end")] == ["fence", "fence", "end", "end"]


def test_one_endpoint_after_the_other_ends() -> None:
    """What the last client of one still hears would be lost where one of another leaves the same process meanwhile."""

    class Leaving(SilentPlayer):
        async def end(self) -> None:
            self._acts.append((self._endpoint, "", "leaving"))
            for _ in range(10):
                await asyncio.sleep(0)
            await super().end()

    class Left(Rig):
        def player(self, endpoint: Endpoint, *, servers: list[str]) -> SilentPlayer:
            return Leaving(endpoint, servers, self.acts)

    rig = Left()
    watch = rig.watch()
    watch.begin()
    watch.end()

    assert [act[2] for act in rig.acts if act[2] in ("leaving", "end")] == ["leaving", "end"] * 2


def test_what_nobody_asked_for_is_ended_all_the_same() -> None:
    """end() ends the connections though finish() was never called; and does nothing where nothing was begun."""
    rig = Rig()
    watch = rig.watch()

    watch.begin()
    watch.end()

    assert [act[2] for act in rig.acts].count("still here") == 4
    assert [act[2] for act in rig.acts].count("end") == 2
    rig.watch().end()


def test_what_goes_wrong_is_raised_to_whoever_asks() -> None:
    """Where the connections cannot be opened begin() returns, and finish() raises why."""

    class Refusing(Rig):
        def player(self, endpoint: Endpoint, *, servers: list[str]) -> Any:
            raise OSError("no server is up")

    watch = Refusing().watch()

    watch.begin()
    with pytest.raises(OSError, match="no server is up"):
        asyncio.run(watch.finish("echo"))
    watch.end()


def test_waiting_takes_no_thread_of_the_loops() -> None:
    """A subject in this process may have given the loop its own one thread, which looking at its database takes too."""
    one_thread = ThreadPoolExecutor(1)

    class Looking(SilentPlayer):
        async def end(self) -> None:
            await asyncio.wrap_future(one_thread.submit(str))
            await super().end()

    class Sharing(Rig):
        def player(self, endpoint: Endpoint, *, servers: list[str]) -> SilentPlayer:
            asyncio.get_running_loop().set_default_executor(one_thread)
            return Looking(endpoint, servers, self.acts)

    async def asked(watch: IdleWatch) -> History:
        asyncio.get_running_loop().set_default_executor(one_thread)
        return await asyncio.wait_for(watch.finish("echo"), 10)

    watch = Sharing().watch()
    watch.begin()

    assert isinstance(asyncio.run(asked(watch)), History)
    watch.end()
