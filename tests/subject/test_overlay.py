"""The overlay changes where a subject's data goes, and nothing else."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from channels_redis.utils import create_pool, decode_hosts  # type: ignore[import-untyped]  # it has none

from channels_conformance.subject import overlay
from channels_conformance.subject.overlay import OverlayError, Plan, overlaid
from tests.subject.plans import PLAN, REDIS, SQLITE

NO_REDIS = replace(PLAN, redis="", prefix="")
LAYER = "channels_redis.core.RedisChannelLayer"


def layer(config: dict[str, Any], plan: Plan = PLAN, *, backend: str = LAYER) -> dict[str, Any]:
    """Return what becomes of a channel layer with this configuration."""
    return overlay._layer("default", {"BACKEND": backend, "CONFIG": config}, plan)


def test_a_plan_survives_the_way_to_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one process puts in the environment, another reads as the same plan."""
    environment = PLAN.environment(worker="daphne-1")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert Plan.current() == PLAN
    assert environment["DJANGO_SETTINGS_MODULE"] == "channels_conformance.subject.settings"
    assert environment["CHANNELS_CONFORMANCE_WORKER"] == "daphne-1"


def test_a_process_enters_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The subject's folder comes first on the import path, and only once."""
    monkeypatch.setattr(sys, "path", ["/elsewhere"])

    PLAN.enter()
    PLAN.enter()

    assert sys.path == ["/srv/shop", "/elsewhere"]


@pytest.mark.parametrize(
    ("host", "becomes"),
    [
        (("redis.example", 6379), ("127.0.0.1", 7001)),
        (["redis.example", 6379], ("127.0.0.1", 7001)),
        ("redis://redis.example:6379/3", REDIS),
        ("redis://redis.example/3?socket_timeout=9&db=2", f"{REDIS}?socket_timeout=9"),
        (
            "rediss://:secret@redis.example/0?ssl_cert_reqs=none&health_check_interval=5",
            f"{REDIS}?health_check_interval=5",
        ),
        ({"host": "redis.example", "port": 1, "db": 4}, {"host": "127.0.0.1", "port": 7001}),
        (
            {"host": "redis.example", "password": "secret", "ssl_cert_reqs": "none", "socket_timeout": None},
            {"host": "127.0.0.1", "port": 7001, "socket_timeout": None},
        ),
        (
            {"address": "rediss://redis.example/1?socket_timeout=9", "retry_on_timeout": True},
            {"address": f"{REDIS}?socket_timeout=9", "retry_on_timeout": True},
        ),
        (
            {"sentinels": [("a", 1)], "master_name": "m", "sentinel_kwargs": {"password": "x"}, "socket_timeout": 3},
            {"host": "127.0.0.1", "port": 7001, "socket_timeout": 3},
        ),
    ],
)
def test_a_host_keeps_its_shape(host: Any, becomes: Any) -> None:
    """A tuple stays a tuple, a URL a URL and a dict a dict; what is no address stays, and a pool can be made of it."""
    assert overlay._host(host, REDIS) == becomes

    (decoded,) = decode_hosts([becomes])
    create_pool(decoded).make_connection()


@pytest.mark.parametrize(
    ("host", "becomes"),
    [
        (("redis.example", 6379), "redis://:pw@127.0.0.1:7001/2?socket_timeout=4"),
        ("redis://redis.example", "redis://:pw@127.0.0.1:7001/2?socket_timeout=4"),
        (
            "redis://redis.example?socket_timeout=9&max_connections=7",
            "redis://:pw@127.0.0.1:7001/2?socket_timeout=4&max_connections=7",
        ),
        (
            {"host": "redis.example", "max_connections": 7},
            {"address": "redis://:pw@127.0.0.1:7001/2?socket_timeout=4", "max_connections": 7},
        ),
    ],
)
def test_a_redis_that_only_a_url_can_name_is_named_by_it(host: Any, becomes: Any) -> None:
    """A password, a database number or a socket's path has no place in a tuple, so the URL takes its place."""
    assert overlay._host(host, "redis://:pw@127.0.0.1:7001/2?socket_timeout=4") == becomes


def test_each_of_several_hosts_is_replaced() -> None:
    """A sharded layer stays sharded, every shard on this run's Redis, and every other option is kept."""
    config = {"hosts": [("a", 1), "redis://b"], "capacity": 7, "symmetric_encryption_keys": ["k"], "prefix": "shop"}

    assert layer(config) == {
        "BACKEND": LAYER,
        "CONFIG": {
            "hosts": [("127.0.0.1", 7001), REDIS],
            "capacity": 7,
            "symmetric_encryption_keys": ["k"],
            "prefix": "run1:default",
        },
    }


def test_a_layer_without_hosts_gets_them() -> None:
    """A layer that relies on the default host is told of this run's, as a URL, which is what the default is."""
    assert layer({})["CONFIG"]["hosts"] == [REDIS]
    assert decode_hosts(None) == [{"address": "redis://localhost:6379"}]


def test_hosts_that_are_no_list_are_left_to_be_refused() -> None:
    """One text in place of a list is what channels_redis refuses in production, and refuses here."""
    hosts = layer({"hosts": "redis://redis.example"})["CONFIG"]["hosts"]

    with pytest.raises(ValueError, match="You must pass a list of Redis hosts"):
        decode_hosts(hosts)


@pytest.mark.parametrize("backend", ["channels_redis.pubsub.RedisPubSubChannelLayer", "shop.layers.OurRedisLayer"])
def test_every_redis_layer_is_led_away_from_the_subjects_own(backend: str) -> None:
    """The publish/subscribe layer and one of the subject's own that has hosts are overlaid as well."""
    done = layer({"hosts": [("redis.example", 6379)]}, backend=backend)

    assert done == {"BACKEND": backend, "CONFIG": {"hosts": [("127.0.0.1", 7001)], "prefix": "run1:default"}}


def test_other_layers_are_left_alone() -> None:
    """What speaks to no Redis stays as it is."""
    kept = {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 3}}

    assert overlay._layer("default", dict(kept), PLAN) == kept


def test_a_layer_on_a_service_of_another_kind_is_refused() -> None:
    """A layer that speaks to a broker or database of the subject's is never loaded."""
    rabbit = {"BACKEND": "channels_rabbitmq.core.RabbitmqChannelLayer", "CONFIG": {"host": "amqp://mq.example/"}}

    with pytest.raises(OverlayError, match="only Redis and memory can be had for a run"):
        overlay._layer("default", rabbit, PLAN)


def test_without_a_redis_a_layer_is_in_memory() -> None:
    """Where there is no Redis the layer is in memory, with the options that it shares."""
    done = layer({"hosts": [("a", 1)], "capacity": 7, "expiry": 5, "symmetric_encryption_keys": ["k"]}, NO_REDIS)

    assert done == {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 7, "expiry": 5}}


@pytest.mark.parametrize(
    ("cache", "becomes"),
    [
        (
            {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": ["redis://a", "redis://b"],
                "TIMEOUT": 9,
            },
            {"LOCATION": REDIS, "KEY_PREFIX": "run1:cache:default", "TIMEOUT": 9},
        ),
        (
            {
                "BACKEND": "django_redis.cache.RedisCache",
                "LOCATION": "redis://a",
                "OPTIONS": {"PASSWORD": "x", "db": 3, "y": 1},
            },
            {"LOCATION": REDIS, "KEY_PREFIX": "run1:cache:default", "OPTIONS": {"y": 1}},
        ),
        ({"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "here"}, {"LOCATION": "here"}),
        ({"BACKEND": "django.core.cache.backends.dummy.DummyCache"}, {}),
        ({"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "t"}, {"LOCATION": "t"}),
    ],
)
def test_a_cache_keeps_its_backend(cache: dict[str, Any], becomes: dict[str, Any]) -> None:
    """A Redis cache gets this run's address and prefix; a cache that leaves no trace elsewhere stays as it is."""
    assert overlay._cache("default", dict(cache), PLAN) == {"BACKEND": cache["BACKEND"], **becomes}


def test_a_key_function_cannot_leave_the_prefix_out() -> None:
    """A cache that makes its keys by a function of the subject's has the run's prefix in front of each."""
    cache = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "KEY_PREFIX": "shop",
        "KEY_FUNCTION": lambda key, prefix, version: f"{prefix}/{key}@{version}",
    }

    done = overlay._cache("default", cache, PLAN)

    assert done["KEY_FUNCTION"]("basket", done["KEY_PREFIX"], 1) == "run1:cache:default:shop/basket@1"


@pytest.mark.parametrize(
    ("backend", "plan"),
    [
        ("django.core.cache.backends.redis.RedisCache", NO_REDIS),
        ("django.core.cache.backends.memcached.PyMemcacheCache", PLAN),
        ("django.core.cache.backends.filebased.FileBasedCache", PLAN),
    ],
)
def test_a_cache_that_cannot_be_had_is_in_the_runs_folder(backend: str, plan: Plan) -> None:
    """A cache on another service, or in a folder of the subject's, becomes files that the run's processes share."""
    done = overlay._cache("default", {"BACKEND": backend, "LOCATION": "/var/cache/shop"}, plan)

    assert done == {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": "/tmp/run/cache-default",
    }


def test_nothing_else_changes(subject_settings: ModuleType) -> None:
    """Addresses, hosts, mail and uploads are overlaid; every other setting, and the module itself, stays as it was."""
    own: dict[str, Any] = {
        "SECRET_KEY": "secret",
        "DEBUG": False,
        "DATABASES": {"default": dict(SQLITE), "other": dict(SQLITE)},
        "CHANNEL_LAYERS": {"default": {"BACKEND": LAYER, "CONFIG": {"hosts": [("redis.example", 6379)]}}},
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://a"}},
        "ALLOWED_HOSTS": ("shop.example",),
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.shop.example",
        "EMAIL_PORT": 587,
        "MEDIA_ROOT": "/srv/media",
        "MEDIA_URL": "/media/",
        "SESSION_COOKIE_SECURE": True,
    }
    vars(subject_settings).update(own, lower_case="not a setting")

    done = overlaid(PLAN)

    mail = {"EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT"}
    changed = {"DATABASES", "CHANNEL_LAYERS", "CACHES", "ALLOWED_HOSTS", "MEDIA_ROOT"} | mail
    assert {name for name in done if done[name] != own[name]} == changed
    assert set(done) == set(own)
    assert {alias: database["NAME"] for alias, database in done["DATABASES"].items()} == {
        "default": "/tmp/run/default.sqlite3",
        "other": "/tmp/run/other.sqlite3",
    }
    assert done["CHANNEL_LAYERS"]["default"]["CONFIG"] == {"hosts": [("127.0.0.1", 7001)], "prefix": "run1:default"}
    assert done["CACHES"]["default"]["LOCATION"] == REDIS
    assert done["ALLOWED_HOSTS"] == ["shop.example", "127.0.0.1", "localhost"]
    assert done["EMAIL_BACKEND"] == "django.core.mail.backends.locmem.EmailBackend"
    assert (done["EMAIL_HOST"], done["EMAIL_PORT"]) == ("127.0.0.1", 9)
    assert done["MEDIA_ROOT"] == "/tmp/run/media"
    assert subject_settings.DATABASES == {"default": SQLITE, "other": SQLITE}
    assert subject_settings.CHANNEL_LAYERS["default"]["CONFIG"] == {"hosts": [("redis.example", 6379)]}


@pytest.mark.parametrize("name", ["CELERY_BROKER_URL", "BROKER_URL", "JOBS_BROKER_READ_URL", "X_BROKER_WRITE_URL"])
@pytest.mark.parametrize(("plan", "broker"), [(PLAN, REDIS), (NO_REDIS, "memory://")])
def test_a_broker_by_any_name_is_the_runs(name: str, plan: Plan, broker: str, subject_settings: ModuleType) -> None:
    """Every setting that names a broker, in whatever namespace, names the run's, and a prefix with it."""
    vars(subject_settings).update({name: "amqp://mq.shop.example"})

    done = overlaid(plan)

    (options,) = (value for setting, value in done.items() if setting.endswith("BROKER_TRANSPORT_OPTIONS"))
    assert done[name] == broker
    assert options == ({"global_keyprefix": "run1:"} if plan.redis else {})


def test_results_of_tasks_that_go_elsewhere_are_kept_in_the_run(subject_settings: ModuleType) -> None:
    """A result backend with an address is the run's; one in the database, which is the run's already, stays."""
    vars(subject_settings).update(CELERY_RESULT_BACKEND="redis://redis.example/1", JOBS_RESULT_BACKEND="django-db")

    done = overlaid(PLAN)

    assert (done["CELERY_RESULT_BACKEND"], done["JOBS_RESULT_BACKEND"]) == (REDIS, "django-db")
    assert done["CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS"] == {"global_keyprefix": "run1:"}


def test_bare_settings_are_enough(subject_settings: ModuleType) -> None:
    """A subject with no database, layer or cache gets none."""
    done = overlaid(PLAN)

    assert (done["DATABASES"], done["CHANNEL_LAYERS"]) == ({}, {})
    assert "CACHES" not in done


def test_the_subject_is_found_in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings module is imported as the subject's servers would, from its own folder."""
    (tmp_path / "settings_of_the_shop.py").write_text("from shop_secrets import SECRET_KEY\n")
    (tmp_path / "shop_secrets.py").write_text('SECRET_KEY = "secret"\n')
    monkeypatch.setattr(sys, "path", [*sys.path])

    done = overlaid(replace(PLAN, root=str(tmp_path), settings="settings_of_the_shop"))

    assert done["SECRET_KEY"] == "secret"


def test_a_plan_is_plain() -> None:
    """Everything in a plan is text, so that it can go into an environment variable."""
    assert all(isinstance(value, str) for value in asdict(PLAN).values())


def test_an_attribute_is_found_by_colon_or_by_dot() -> None:
    """Both ways in which projects write an application's place are understood."""
    assert overlay.attribute("json:dumps") is overlay.attribute("json.dumps")
