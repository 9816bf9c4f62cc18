"""A spec is judged where the profile declares what it is about; elsewhere the reason is said in words."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from channels_conformance import claims
from channels_conformance.options import Options
from channels_conformance.report.judges import judges
from channels_conformance.report.verdicts import Verdict
from channels_conformance.selection import ENDPOINTS, About, endpoints_for, missing
from channels_conformance.session import Session
from channels_conformance.specfiles import specs_folder
from channels_conformance.subject.profile import Endpoint, Profile, Push, Stores, Task

ECHO = Endpoint(name="echo", path="/ws/", say="{text}", echoes=True, close_command='{"close": {code}}')
CHAT = Endpoint(
    name="chat",
    path="/ws/{room}/",
    hears="group",
    enter="authenticated",
    refusal="close",
    say="{text}",
    stores=Stores(model="shop.Message", text="body", user="author__username"),
    replays=True,
)
BELL = Endpoint(name="bell", path="/ws/bell/", hears="user")
TASK = Task(name="report", task="shop.tasks.report", notifies="bell")
NO_REDIS = "Start one."
TELLING = {"endpoints": (ECHO, BELL), "celery": "shop.celery:app"}


def about(endpoint: str = "", **more: Any) -> About:
    """Return what a spec says of itself."""
    return About(ids=("fanout/x",), level="must", source="the docs", endpoint=endpoint, **more)


TOLD = about("user", evidence="delivered")


def profile(**more: Any) -> Profile:
    """Return a profile."""
    return Profile(root=Path("/srv/shop"), settings="shop.settings", **more)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("any", "echo chat bell"),
        ("", "echo chat bell"),
        ("talking", "echo chat"),
        ("sender", "echo"),
        ("group", "chat"),
        ("user", "bell"),
        ("protected", "chat"),
        ("open", "echo bell"),
        ("rejecting", "echo bell"),
        ("by-cookie", "echo chat bell"),
        ("immediate", "echo chat bell"),
        ("storing", "chat"),
        ("attributing", "chat"),
        ("live", "echo bell"),
        ("echoing", "echo"),
        ("closing", "echo"),
        ("talking live", "echo"),
        ("group echoing", ""),
    ],
)
def test_words_choose_endpoints(words: str, names: str) -> None:
    """Every word must be true of an endpoint for the spec to be about it."""
    chosen = endpoints_for(about(words), profile(endpoints=(ECHO, CHAT, BELL)))

    assert " ".join(endpoint.name for endpoint in chosen) == names


def test_one_endpoint_may_be_enough() -> None:
    """With ``first`` a spec is about the first that fits, or none."""
    declared = profile(endpoints=(ECHO, CHAT, BELL))

    assert endpoints_for(about("talking", first=True), declared) == [ECHO]
    assert endpoints_for(about("group echoing", first=True), declared) == []


def test_what_no_endpoint_is_makes_a_spec_not_applicable() -> None:
    """The reason says what the profile would have to declare."""
    declared = profile(endpoints=(ECHO,))

    told = missing(about("group storing"), declared, None, no_redis="")

    assert told == (Verdict.NOT_APPLICABLE, 'no endpoint of the profile has hears = "group" and stores')


def test_every_word_says_how_it_is_declared() -> None:
    """A reason can be made of each word."""
    for word, (_, wanted) in ENDPOINTS.items():
        told = missing(about(word), profile(), None, no_redis="")
        assert told == (Verdict.NOT_APPLICABLE, f"no endpoint of the profile has {wanted}")


def test_what_is_there_is_judged() -> None:
    """Nothing is missing where everything that is needed is declared and runs."""
    declared = profile(**TELLING, tasks=(TASK,))

    assert missing(about("sender"), declared, "echo", no_redis=NO_REDIS) is None
    assert missing(about(), profile(), None, no_redis=NO_REDIS) is None
    assert missing(about("user", needs=("redis", "celery")), declared, "bell", no_redis="") is None


@pytest.mark.parametrize(
    "declared",
    [
        profile(**TELLING),
        profile(endpoints=(ECHO, BELL), tasks=(TASK,)),
        profile(**TELLING, tasks=(Task(name="other", task="t", notifies="echo"),)),
    ],
    ids=["no task", "no Celery", "a task for another endpoint"],
)
def test_an_endpoint_that_tells_users_needs_a_task(declared: Profile) -> None:
    """Where nothing tells its users anything, a spec about such an endpoint is not applicable."""
    told = missing(TOLD, declared, "bell", no_redis="")

    assert told == (Verdict.NOT_APPLICABLE, "the profile declares no Celery task that tells a user")


def test_a_spec_that_tells_users_nothing_needs_no_task() -> None:
    """Whether such an endpoint lets people in and out can be judged with no task and no Redis."""
    assert missing(about("user"), profile(endpoints=(BELL,)), "bell", no_redis=NO_REDIS) is None


def test_a_spec_about_celery_needs_a_task() -> None:
    """Without an endpoint, any task of the profile will do, and without one the spec is not applicable."""
    wanting = about(needs=("celery",))

    assert missing(wanting, profile(**TELLING, tasks=(TASK,)), None, no_redis="") is None
    told = missing(wanting, profile(**TELLING), None, no_redis="")
    assert told == (Verdict.NOT_APPLICABLE, "the profile declares no Celery task that tells a user")


@pytest.mark.parametrize(
    ("need", "reason"),
    [
        ("failing task", "no task of the profile has failing = [...]"),
        ("stored task", "no task of the profile has stores"),
    ],
)
def test_a_spec_may_need_more_of_a_task(need: str, reason: str) -> None:
    """A task that cannot be made to fail, or stores nothing, makes such a spec not applicable."""
    full = Task(name="r", task="t", notifies="bell", failing=("x",), stores=Stores(model="shop.Report", text="text"))

    told = missing(about("user", needs=(need,)), profile(**TELLING, tasks=(TASK,)), "bell", no_redis="")
    assert told == (Verdict.NOT_APPLICABLE, reason)
    assert missing(about("user", needs=(need,)), profile(**TELLING, tasks=(full,)), "bell", no_redis="") is None


def test_what_is_counted_on_postgresql_only_is_not_applicable_elsewhere() -> None:
    """A project on another database cannot be asked, which is no fault of the run's."""
    wanting = about("sender", needs=("postgresql",))

    told = missing(wanting, profile(**TELLING), "echo", no_redis="")
    assert told == (
        Verdict.NOT_APPLICABLE,
        "the project uses no PostgreSQL, where a worker's connections can be counted",
    )
    assert missing(wanting, profile(**TELLING), "echo", no_redis="", postgres=True) is None


@pytest.mark.parametrize(
    ("wanting", "endpoint"),
    [(about("sender", needs=("redis",)), "echo"), (about(needs=("celery",)), None), (TOLD, "bell")],
    ids=["needs Redis", "needs Celery", "tells users"],
)
def test_without_redis_a_spec_is_unproven(wanting: About, endpoint: str | None) -> None:
    """What is declared and cannot run is unproven, with the line that mends it; it is not waved away."""
    told = missing(wanting, profile(**TELLING, tasks=(TASK,)), endpoint, no_redis=NO_REDIS)

    assert told == (Verdict.UNPROVEN, "no Redis was found. Start one.")


def test_what_does_not_apply_is_said_before_what_is_not_there() -> None:
    """A spec that could not be judged with a Redis either is not applicable."""
    told = missing(TOLD, profile(**TELLING), "bell", no_redis=NO_REDIS)

    assert told is not None
    assert told[0] is Verdict.NOT_APPLICABLE


def test_what_is_about_cookies_or_handshakes_does_not_concern_every_endpoint() -> None:
    """Who comes with a token has no cookie that another site could use; first frames come after the handshake."""
    late = Endpoint(name="late", path="/ws/", first=("{token}",), hears="group", say="{text}")

    assert endpoints_for(about("by-cookie"), profile(endpoints=(late,))) == []
    assert endpoints_for(about("immediate"), profile(endpoints=(late,))) == []


def test_an_http_call_is_needed_where_a_spec_needs_one() -> None:
    """A spec about HTTP calls concerns the endpoints that one tells."""
    pushing = profile(endpoints=(CHAT, BELL), pushes=(Push(name="news", path="/", notifies="chat"),))

    assert missing(about("any", needs=("push",)), pushing, "chat", no_redis="") is None
    telling = profile(endpoints=(BELL,), pushes=(Push(name="news", path="/", notifies="bell"),))
    needing = about("any", needs=("push",), evidence="delivered")
    assert missing(needing, telling, "bell", no_redis="") is None, "no task need tell what an HTTP call tells"
    assert telling.chapters == {"lifecycle", "fanout", "configuration"}
    absent = missing(about("any", needs=("push",)), pushing, "bell", no_redis="")
    assert absent == (
        Verdict.NOT_APPLICABLE,
        "the profile declares no HTTP call ([pushes.NAME]) that tells an audience",
    )


def test_one_worker_alone_is_no_several() -> None:
    """What is claimed of several workers does not concern a project that has one."""
    alone = profile(endpoints=(CHAT,), servers=("uvicorn",), workers=1)

    absent = missing(about("group", needs=("several workers",)), alone, "chat", no_redis="")
    assert absent == (Verdict.NOT_APPLICABLE, "the profile says workers = 1")
    assert missing(about("group", needs=("several workers",)), profile(endpoints=(CHAT,)), "chat", no_redis="") is None


def test_what_is_about_channels_itself_is_judged_on_the_reference_app() -> None:
    """Another project learns that such a claim is not about it."""
    absent = missing(about(needs=("reference",)), profile(), None, no_redis="")

    assert absent is not None
    assert absent[0] is Verdict.NOT_APPLICABLE
    assert missing(about(needs=("reference",)), profile(), None, no_redis="", reference=True) is None


CATALOGUE = claims.load()
JUDGES = judges(specs_folder())
TEXTS = {path: path.read_text(encoding="utf-8") for path in specs_folder().glob("test_*.py")}


@pytest.mark.parametrize("claim", sorted(JUDGES))
def test_only_files_that_judge_a_claim_are_read_for_it(claim: str) -> None:
    """Where one claim is asked for, the files of its specs are read and no others; those of other people all are."""
    session: Any = SimpleNamespace(asked=Options(claims=(claim,)), catalogue=CATALOGUE)

    read = {path for path in TEXTS if not Session.pytest_ignore_collect(session, path)}

    assert read == {path for path, text in TEXTS.items() if any(f"def {name}(" in text for name in JUDGES[claim])}
    assert not Session.pytest_ignore_collect(session, Path(__file__))


def test_no_patch_is_made_for_a_spec() -> None:
    """Hypothesis is left nothing to write into the source of a spec: with some versions of libcst it fails at that."""
    item: Any = SimpleNamespace(_hypothesis_failing_examples=["draw(1)"])
    session: Any = None

    next(Session.pytest_runtest_makereport(session, item, call=session))

    assert not vars(item)
