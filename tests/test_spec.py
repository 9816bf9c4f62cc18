"""What specs are written with: a claim is declared on any kind of function, and a history is judged by checks."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_conformance import spec
from channels_conformance.checks import Anomaly, Check, Finding
from channels_conformance.checks.finding import Blame
from channels_conformance.claims import load
from channels_conformance.history import History
from channels_conformance.spec import AsDrawn, Deviation, Violation, claim, judge, judge_platform, judge_server

ID = "fanout/exactly-once-across-workers"


def plain() -> None:
    """Be a function."""


async def coroutine() -> None:
    """Be a coroutine function."""


@given(st.none())
def generated(_: None) -> None:
    """Be a function that hypothesis calls."""


@given(st.none())
async def generated_coroutine(_: None) -> None:
    """Be a coroutine function that hypothesis calls."""


def marks(function: Any) -> dict[str, pytest.Mark]:
    """Return the marks of a function by name."""
    return {mark.name: mark for mark in function.pytestmark}


@pytest.fixture
def unmarked() -> Any:
    """Take the marks off again, since a mark changes the function that it is put on."""
    functions: list[Any] = [plain, coroutine, generated, generated_coroutine]
    yield functions
    for function in functions:
        vars(function).pop("pytestmark", None)


@pytest.mark.parametrize("index", range(4), ids=["sync", "async", "given", "async given"])
def test_a_claim_marks_every_kind_of_function(unmarked: list[Any], index: int) -> None:
    """The mark holds all that was declared; a coroutine function runs on the session's loop, also under hypothesis."""
    declare: Callable[[Any], Any] = claim(ID, level="must", source="the docs", endpoint="group", needs=("redis",))

    declared = declare(unmarked[index])

    assert marks(declared)["conformance"].kwargs == {
        "ids": (ID,),
        "level": "must",
        "source": "the docs",
        "endpoint": "group",
        "needs": ("redis",),
        "evidence": "accepted",
        "first": False,
        "last": False,
    }
    asyncio_mark = marks(declared).get("asyncio")
    assert (asyncio_mark.kwargs if asyncio_mark else None) == ({"loop_scope": "session"} if index % 2 else None)


def finds(*anomalies: Anomaly, blame: Blame = "app") -> Check:
    """Return a check that finds these anomalies in any history."""
    found = [Finding(anomaly=anomaly, sentence=f"it was {anomaly}", blame=blame) for anomaly in anomalies]
    return lambda history: found


def test_a_history_in_which_nothing_is_found_holds() -> None:
    """Checks that find nothing let the spec go on."""
    judge(History(), finds(), finds())


def test_a_history_must_be_judged_by_something() -> None:
    """Without a check a history would always hold, so that is refused."""
    with pytest.raises(TypeError, match="at least one check"):
        judge(History())


def test_whatever_is_found_violates() -> None:
    """All findings of all checks are carried, with the history; each is a line of the message."""
    history = History()

    with pytest.raises(Violation) as caught:
        judge(history, finds(Anomaly.LOST), finds(), finds(Anomaly.CROSSED, blame="layer"))

    assert isinstance(caught.value, AssertionError)
    assert [finding.anomaly for finding in caught.value.findings] == [Anomaly.LOST, Anomaly.CROSSED]
    assert caught.value.history is history
    assert str(caught.value) == "lost: it was lost [app]\ncrossed: it was crossed [layer]"


def test_what_a_server_did_is_not_held_against_the_subject() -> None:
    """A finding that is the server's own is left out; the others stay."""
    judge(History(), finds(Anomaly.LOST, blame="server"))

    with pytest.raises(Violation) as caught:
        judge(History(), finds(Anomaly.LOST, blame="server"), finds(Anomaly.LATE))

    assert [finding.anomaly for finding in caught.value.findings] == [Anomaly.LATE]


@pytest.mark.asyncio
async def test_what_takes_long_to_play_is_told_as_it_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis plays again whatever raises an Exception, to make it smaller, and lets through what is none."""

    @claim(ID, level="must", source="the docs")
    @given(number=st.integers())
    async def broken(number: int) -> None:
        judge(History(), finds(Anomaly.LOST))

    play: Any = broken
    monkeypatch.setattr(spec, "shrinking", 0)
    with pytest.raises(AsDrawn) as long:
        await play.hypothesis.inner_test(number=3)
    monkeypatch.setattr(spec, "shrinking", 60)
    with pytest.raises(Violation) as short:
        await play.hypothesis.inner_test(number=4)

    assert not isinstance(long.value, Exception)
    assert [long.value.violation.drawn, short.value.drawn] == [{"number": 3}, {"number": 4}]


@pytest.fixture
def on_record(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give a way to have one deviation of one platform from one claim on record."""

    def on_record(*excuses: str, issue: str = "") -> None:
        deviation = SimpleNamespace(
            statement=SimpleNamespace(en="Acme drops empty frames."), issue=issue, excuses=excuses
        )

        def deviations_of(claim_id: str, *, platform: str) -> list[Any]:
            return [deviation] if (claim_id, platform) == (ID, "acme") else []

        monkeypatch.setattr(spec, "load", lambda: SimpleNamespace(deviations_of=deviations_of))

    return on_record


def test_a_platform_that_does_as_specified_holds() -> None:
    """Where nothing is found, no record is asked for."""
    judge_platform(History(), finds(), claim=ID, platform="acme")


@pytest.mark.parametrize(
    ("issue", "told"),
    [("acme/acme#1", "Acme drops empty frames. acme/acme#1"), ("", "Acme drops empty frames.")],
)
def test_what_is_on_record_is_known(on_record: Callable[..., None], issue: str, told: str) -> None:
    """Where the record accounts for every finding, the deviation is told with its issue, and nobody is blamed."""
    on_record("lost", "late", issue=issue)

    with pytest.raises(Deviation) as caught:
        judge_platform(History(), finds(Anomaly.LOST, Anomaly.LATE, blame="server"), claim=ID, platform="acme")

    assert str(caught.value) == told
    assert not isinstance(caught.value, AssertionError)


@pytest.mark.parametrize(
    ("anomalies", "blame", "claim_id", "platform"),
    [
        ([Anomaly.LOST, Anomaly.CROSSED], "server", ID, "acme"),
        ([Anomaly.LOST], "app", ID, "acme"),
        ([Anomaly.LOST], "server", "fanout/other", "acme"),
        ([Anomaly.LOST], "server", ID, "other"),
    ],
    ids=["another anomaly", "the subject's own", "another claim", "another platform"],
)
def test_what_is_not_on_record_violates(
    on_record: Callable[..., None], anomalies: list[Anomaly], blame: Blame, claim_id: str, platform: str
) -> None:
    """One finding that the record does not account for, and all of them stand, the platform's own as well."""
    on_record("lost")

    with pytest.raises(Violation) as caught:
        judge_platform(History(), finds(*anomalies, blame=blame), claim=claim_id, platform=platform)

    assert [finding.anomaly for finding in caught.value.findings] == anomalies


def test_a_deviation_that_excuses_nothing_excuses_nothing(on_record: Callable[..., None]) -> None:
    """A record that only explains a claim lets no finding pass."""
    on_record()

    with pytest.raises(Violation):
        judge_platform(History(), finds(Anomaly.LOST, blame="server"), claim=ID, platform="acme")


def test_the_shipped_record_is_the_one_that_is_asked() -> None:
    """Each shipped deviation that excuses something is told where just that is found, and only then."""
    excusing = [deviation for deviation in load().deviations if deviation.excuses]
    assert excusing != []

    for deviation in excusing:
        check = finds(*map(Anomaly, deviation.excuses), blame="server")
        with pytest.raises(Deviation):
            judge_platform(History(), check, claim=deviation.claim, platform=deviation.platform)


def test_whatever_is_found_of_the_scripted_application_is_the_servers_doing(on_record: Callable[..., None]) -> None:
    """A check that would blame an app blames the server, which may be known for it."""
    on_record("lost")

    with pytest.raises(Deviation):
        judge_server(History(), finds(Anomaly.LOST, blame="app"), claim=ID, server="acme")
    with pytest.raises(Violation) as caught:
        judge_server(History(), finds(Anomaly.LATE, blame="app"), claim=ID, server="acme")
    assert [finding.blame for finding in caught.value.findings] == ["server"]
