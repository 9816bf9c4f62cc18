"""A profile is read strictly: whatever is wrong gets one sentence that says what, where, and what to write instead."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from channels_conformance.subject.profile import Endpoint, Profile, ProfileError, Push, Stores, Task
from channels_conformance.subject.reading import parse

ROOT = Path("/srv/shop")
ECHO = {"path": "/ws/echo/", "say": "{text}"}
TEXTS = st.text(st.characters(codec="utf-8"))


def read(**more: Any) -> Profile:
    """Return the profile of a project with these entries."""
    return parse({"settings": "shop.settings", **more}, root=ROOT)


def refusal(**more: Any) -> str:
    """Return the one sentence with which these entries are refused."""
    with pytest.raises(ProfileError) as caught:
        read(**more)
    return str(caught.value)


def endpoint_refusal(**more: Any) -> str:
    """Return the one sentence with which an endpoint that has these entries is refused, without where it stands."""
    return refusal(endpoints={"echo": {**ECHO, **more}}).removeprefix("conformance.toml [endpoints.echo]")


def task_refusal(**more: Any) -> str:
    """Return the one sentence with which a task that has these entries is refused, without where it stands."""
    task = {"task": "shop.tasks.report", "notifies": "echo", **more}
    return refusal(endpoints={"echo": ECHO}, tasks={"report": task}).removeprefix("conformance.toml [tasks.report]")


def test_a_profile_needs_little() -> None:
    """The settings module is all that must be named; the rest has defaults."""
    profile = read()

    assert profile == Profile(root=ROOT, settings="shop.settings")
    assert profile.servers == ("daphne", "uvicorn")
    assert profile.chapters == {"configuration"}


def test_a_whole_profile_is_read() -> None:
    """Endpoints, tasks and known deviations are read, lists as tuples, and the chapters follow from them."""
    profile = read(
        celery="shop.celery:app",
        servers=["uvicorn"],
        endpoints={
            "chat": {
                "path": "/ws/{room}/{seat}/",
                "hears": "group",
                "enter": "authenticated",
                "refusal": "close",
                "close_codes": [4001, 4003],
                "say": '{"message": "{text}"}',
                "stores": "shop.Message.body",
            }
        },
        tasks={"report": {"task": "shop.tasks.report", "notifies": "chat", "arguments": [1, ["{text}"]]}},
        known={"fanout/exactly-once": "at most once is enough here"},
    )

    chat = profile.endpoint("chat")
    assert (chat.name, chat.parameters, chat.close_codes) == ("chat", ("room", "seat"), (4001, 4003))
    assert chat.stores == Stores(model="shop.Message", text="body")
    assert profile.tasks == (Task(name="report", task="shop.tasks.report", notifies="chat", arguments=(1, ["{text}"])),)
    assert profile.known == {"fanout/exactly-once": "at most once is enough here"}
    assert profile.chapters == {"lifecycle", "fanout", "auth", "orm", "celery", "configuration"}


def test_stores_may_be_a_table() -> None:
    """A table of lookups says where the text, the user and the audience stand."""
    table = {"model": "shop.Message", "text": "body", "user": "author__username", "audience": "room__name"}

    profile = read(endpoints={"echo": {**ECHO, "stores": table}})

    assert profile.endpoint("echo").stores == Stores(**table)


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"server": ["daphne"]}, 'conformance.toml: there is no key "server": did you mean "servers"?'),
        (
            {"xyzzy": 1},
            'conformance.toml: there is no key "xyzzy": known keys are application, celery, floor, hooks, servers,',
        ),
        ({"settings": 3}, 'conformance.toml: settings must be a text, not 3: write "3".'),
        ({"floor": {"orm": 0}}, "conformance.toml: floor.orm must be a whole number of at least 1, not 0."),
        ({"floor": {"orm": True}}, "conformance.toml: floor.orm must be a whole number of at least 1, not True."),
        ({"servers": "daphne"}, "conformance.toml: servers must be a list, not 'daphne': write [\"daphne\"]."),
        ({"servers": []}, 'conformance.toml: servers is empty: name at least one, as in servers = ["daphne"].'),
        ({"servers": ["dafne"]}, 'conformance.toml: servers cannot be "dafne": did you mean "daphne"?'),
        (
            {"servers": ["iis"]},
            'conformance.toml: servers cannot be "iis": write one of "daphne", "uvicorn", "hypercorn", "granian".',
        ),
        ({"servers": [["daphne"]]}, "conformance.toml: servers: each item must be a text, not ['daphne']"),
        ({"endpoints": []}, "conformance.toml [endpoints] must be a table, not []."),
        ({"endpoints": {"echo": "/ws/"}}, "conformance.toml [endpoints.echo] must be a table, not '/ws/'."),
        ({"tasks": 1}, "conformance.toml [tasks] must be a table, not 1."),
        ({"tasks": {"report": 1}}, "conformance.toml [tasks.report] must be a table, not 1."),
        ({"known": ["fanout/lost"]}, "conformance.toml [known] must be a table, not ['fanout/lost']."),
        (
            {"known": {"fanout/lost": " "}},
            'conformance.toml [known]: "fanout/lost" needs a reason: write "fanout/lost" = "why it is accepted".',
        ),
        (
            {"known": {"fanout/lost": True}},
            'conformance.toml [known]: "fanout/lost" needs a reason: write "fanout/lost" = "why it is accepted".',
        ),
    ],
)
def test_what_is_wrong_at_the_top_is_named(entries: dict[str, Any], sentence: str) -> None:
    """A wrong key or value of the profile itself is refused with a sentence that names it."""
    told = refusal(**entries)

    assert told == sentence if sentence.endswith((".", "?")) else told.startswith(sentence)


def test_what_hooks_say_needs_no_template(tmp_path: Path) -> None:
    """Where there are hooks, one of them may make the frames; a template that is there must hold the words."""
    (tmp_path / "hooks.py").touch()
    data: dict[str, Any] = {"settings": "shop.settings", "hooks": "hooks.py", "endpoints": {"echo": {"path": "/ws/"}}}

    assert parse(data, root=tmp_path).endpoint("echo").say == ""
    data["endpoints"]["echo"]["say"] = "hello"
    with pytest.raises(ProfileError, match=r"say must hold \{text\}"):
        parse(data, root=tmp_path)


def test_the_number_of_workers_is_checked() -> None:
    """The kinds of server take turns, and each must get one."""
    assert read().processes == ("daphne", "uvicorn")
    assert read(servers=["uvicorn"]).processes == ("uvicorn", "uvicorn")
    assert read(servers=["uvicorn"], workers=1).processes == ("uvicorn",)
    assert read(workers=3).processes == ("daphne", "uvicorn", "daphne")
    assert refusal(workers=1) == (
        "conformance.toml: workers = 1 leaves no process for uvicorn: write workers = 2, or name fewer servers."
    )
    assert refusal(workers=0) == "conformance.toml: workers must be a whole number of at least 1, not 0."


def test_a_hooks_file_must_be_there(tmp_path: Path) -> None:
    """A file that is named and missing is refused; one that is there is not read yet."""
    data = {"settings": "shop.settings", "hooks": "conformance_hooks.py"}
    with pytest.raises(ProfileError) as caught:
        parse(data, root=tmp_path)

    missing = tmp_path / "conformance_hooks.py"
    assert (
        str(caught.value)
        == f'conformance.toml: hooks = "conformance_hooks.py", and {missing} is no file: write it there.'
    )
    missing.write_text("def token(:")
    assert parse(data, root=tmp_path).hooks == "conformance_hooks.py"


def test_how_users_show_who_they_are_follows_from_where_the_token_stands() -> None:
    """By a token or the key of the session where a template names it, early or in a first frame; else by cookie."""

    def endpoint(**more: Any) -> Endpoint:
        return read(endpoints={"echo": {**ECHO, "enter": "authenticated", **more}}).endpoint("echo")

    assert (endpoint().proof, endpoint().by_cookie, endpoint().late) == ("cookie", True, False)
    early = endpoint(query="v=1&token={token}")
    assert (early.proof, early.by_cookie, early.late, early.admits_all) == ("token", False, False, False)
    late = endpoint(first=['{"token": "{token}"}'], refusal="close")
    assert (late.proof, late.by_cookie, late.late, late.admits_all) == ("token", False, True, True)
    assert endpoint(headers={"cookie": "jwt={token}"}).by_cookie
    assert endpoint(subprotocols=["session", "{session}"]).proof == "session"
    assert endpoint(refusal="in-band").admits_all
    assert not endpoint(refusal="in-band", enter="anyone").admits_all


def test_parameters_stand_in_the_path_the_query_and_the_first_frames() -> None:
    """Whatever names no user is a parameter, each once."""
    chat = {
        "path": "/ws/{user_id}/{shop}/",
        "query": "room={room}&user={user}",
        "first": ['{"command": "join", "room": "{room}", "seat": "{seat}", "session": "{session}"}'],
        "hears": "group",
        "say": "{text}",
    }

    assert read(endpoints={"chat": chat}).endpoint("chat").parameters == ("shop", "room", "seat")


def test_a_push_is_read() -> None:
    """An HTTP call names the endpoint whose audience hears of it; the rest has defaults."""
    profile = read(endpoints={"echo": ECHO}, pushes={"news": {"path": "/api/{user_id}/", "notifies": "echo"}})

    assert profile.pushes == (Push(name="news", path="/api/{user_id}/", notifies="echo"),)


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"notifies": "ecko"}, ': notifies cannot be "ecko": did you mean "echo"?'),
        ({"path": "api/"}, ': path "api/" must begin with a slash: write "/api/".'),
        ({"body": "{}"}, ': body must hold {text}, what is to be heard, as in body = \'{"message": "{text}"}\'.'),
        (
            {"path": "/api/{room}/"},
            ": path names {room}, and nothing stands for it: known are {session}, {token}, {user}, {user_id}, {text}.",
        ),
        ({"headers": "Authorization"}, ": headers must be a table, not 'Authorization': write { Name = \"...\" }."),
        ({"headers": {"X": 1}}, ': headers.X must be a text, not 1: write "1".'),
    ],
)
def test_what_is_wrong_with_a_push_is_named(entries: dict[str, Any], sentence: str) -> None:
    """A wrong key or value of an HTTP call is refused with a sentence that names the call and the key."""
    push = {"path": "/api/", "notifies": "echo", **entries}

    told = refusal(endpoints={"echo": ECHO}, pushes={"news": push})

    assert told.removeprefix("conformance.toml [pushes.news]") == sentence


def test_noise_is_found_as_it_stands_and_as_json_escapes_it() -> None:
    """A word of noise is found in text, in bytes, and in JSON that is ASCII only."""
    endpoint = Endpoint(name="chat", path="/ws/", noise=("已加入", "joined"))

    assert endpoint.is_noise('{"event": "joined"}')
    assert endpoint.is_noise(b"bob joined")
    assert endpoint.is_noise(json.dumps({"event": "bob 已加入"}))
    assert not endpoint.is_noise('{"event": "left"}')


def test_a_missing_key_is_named() -> None:
    """What must be declared and is not is named, with how to declare it."""
    with pytest.raises(ProfileError) as caught:
        parse({}, root=ROOT)
    assert str(caught.value) == 'conformance.toml: "settings" is missing: write settings = "...".'

    with pytest.raises(ProfileError) as caught:
        read(endpoints={"echo": {"say": "{text}"}})
    assert str(caught.value) == 'conformance.toml [endpoints.echo]: "path" is missing: write path = "...".'


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"hear": "group"}, ': there is no key "hear": did you mean "hears"?'),
        ({"path": "ws/echo/"}, ': path "ws/echo/" must begin with a slash: write "/ws/echo/".'),
        ({"path": 7}, ': path must be a text, not 7: write "7".'),
        ({"hears": "gruop"}, ': hears cannot be "gruop": did you mean "group"?'),
        ({"hears": "all"}, ': hears cannot be "all": write one of "sender", "group", "user", "nobody".'),
        ({"enter": "authentcated"}, ': enter cannot be "authentcated": did you mean "authenticated"?'),
        ({"refusal": "rejects"}, ': refusal cannot be "rejects": did you mean "reject"?'),
        ({"replays": "yes"}, ": replays must be true or false, not 'yes'."),
        ({"burst": "many"}, ": burst must be a whole number of at least 1, not 'many'."),
        ({"close_codes": 4001}, ": close_codes must be a list, not 4001: write [4001]."),
        ({"close_codes": ["4001"]}, ": close_codes: each item must be a whole number of at least 1, not '4001'."),
        ({"subprotocols": [1]}, ': subprotocols: each item must be a text, not 1: write "1".'),
        (
            {"say": "hello"},
            ': say must hold {text}, where a client\'s words go, as in say = \'{"message": "{text}"}\'.',
        ),
        (
            {"hears": "group"},
            ': hears = "group" needs a parameter, as in path = "/ws/chat/{room}/" or in a first frame.',
        ),
        (
            {"enter": "authenticated", "first": ["{token}"]},
            ': refusal cannot be "reject" where users say who they are in a first frame: write "close" or "in-band".',
        ),
        (
            {"headers": {"Authorization": "Token {tokn}"}},
            ": headers names {tokn}, and nothing stands for it: known are {session}, {token}, {user}, {user_id}.",
        ),
        ({"noise": [""]}, ": noise holds an empty word, which every frame holds: leave it out."),
        ({"first": "join"}, ": first must be a list, not 'join': write [\"join\"]."),
        ({"binary": 1}, ": binary must be true or false, not 1."),
        ({"stores": 3}, " stores must be a table, not 3."),
        ({"stores": "Message.body"}, ': stores = "Message.body" must read "app.Model.field".'),
        ({"stores": "shop.Message."}, ': stores = "shop.Message." must read "app.Model.field".'),
        ({"stores": {"model": "shop.Message"}}, ' stores: "text" is missing: write text = "...".'),
        (
            {"stores": {"model": "shop.Message", "text": "body", "users": "author"}},
            ' stores: there is no key "users": did you mean "user"?',
        ),
    ],
)
def test_what_is_wrong_with_an_endpoint_is_named(entries: dict[str, Any], sentence: str) -> None:
    """A wrong key or value of an endpoint is refused with a sentence that names the endpoint and the key."""
    assert endpoint_refusal(**entries) == sentence


@pytest.mark.parametrize("hears", ["user", "nobody"])
def test_an_endpoint_on_which_nobody_speaks_needs_no_say(hears: str) -> None:
    """Only where a client's words are heard must the profile tell how to say them."""
    profile = read(endpoints={"bell": {"path": "/ws/bell/", "hears": hears}})

    assert profile.endpoint("bell").say == ""


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"notifies": "ecko"}, ': notifies cannot be "ecko": did you mean "echo"?'),
        ({"notifies": "bell"}, ': notifies cannot be "bell": write one of "echo".'),
        ({"arguments": "{text}"}, ": arguments must be a list, not '{text}': write [\"{text}\"]."),
        ({"tsak": "x"}, ': there is no key "tsak": did you mean "task"?'),
    ],
)
def test_what_is_wrong_with_a_task_is_named(entries: dict[str, Any], sentence: str) -> None:
    """A wrong key or value of a task is refused with a sentence that names the task and the key."""
    assert task_refusal(**entries) == sentence


def test_a_task_without_any_endpoint_notifies_nobody() -> None:
    """Where no endpoint is declared, a task has none to name, and the sentence says so."""
    told = refusal(tasks={"report": {"task": "shop.tasks.report", "notifies": "bell"}})

    assert told == 'conformance.toml [tasks.report]: notifies cannot be "bell": there is none to name.'


def test_a_date_in_place_of_a_list_is_named() -> None:
    """Every type that TOML knows gets its sentence."""
    told = refusal(servers=date(2026, 1, 2))

    assert told == 'conformance.toml: servers must be a list, not datetime.date(2026, 1, 2): write ["2026-01-02"].'
