"""Instruments inside a worker process: what no client can see, reported as it happens.

They watch, and change nothing that a subject could notice: consumers being made and their ``disconnect`` running,
queries and the thread they run on, an event loop that stands still, coroutines dropped without being awaited.
"""

from __future__ import annotations

import asyncio
import copy
import functools
import itertools
import os
import re
import threading
import traceback
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

from channels.consumer import AsyncConsumer, SyncConsumer
from channels.exceptions import StopConsumer
from django.core.exceptions import SynchronousOnlyOperation
from django.db.backends.base.base import BaseDatabaseWrapper

from channels_conformance.history import Kind
from channels_conformance.subject.handlers import watch_handlers
from channels_conformance.subject.standstill import watch_loop
from channels_conformance.subject.tap import Reports, connection

# Statements that wait for no writer. A plain BEGIN locks nothing yet.
_READING = re.compile(
    r"\s*(SELECT|WITH|PRAGMA|SAVEPOINT|RELEASE|ROLLBACK|BEGIN(?! (IMMEDIATE|EXCLUSIVE)))\b", re.IGNORECASE
)


def install(reporter: Reports) -> None:
    """Put every instrument in place that needs no database."""
    watch_consumers(reporter)
    watch_coroutines(reporter)
    watch_refused_queries(reporter)


class Exited(SystemExit):
    """The subject ended its process from within a connection: a server would be gone."""


def survive_exits() -> None:
    """Have ``os._exit`` raise where the subject calls it on behalf of a connection, for this process is no server.

    A process that was forked on behalf of a connection ends as it would.
    """
    original, judge = os._exit, os.getpid()

    def exit_of_subject(status: int) -> NoReturn:
        if connection.get() and os.getpid() == judge:
            raise Exited(f"os._exit({status}) ends the process, and every connection that it serves")
        original(status)

    os._exit = exit_of_subject  # no hook of its own


def watch_consumers(reporter: Reports) -> None:
    """Report each consumer instance once a connection, and each time its own ``disconnect`` runs."""
    identities = itertools.count(1)
    original = AsyncConsumer.__call__

    @functools.wraps(original)
    async def call(self: Any, scope: Any, receive: Any, send: Any) -> Any:
        key = connection.get()
        if not key:
            return await original(self, scope, receive, send)
        watch_loop(reporter)
        if "_conformance_identity" not in vars(self):
            self._conformance_identity = f"{os.getpid()}-{next(identities)}"
            _watch_dispatch(self, reporter)
            _watch_frames(self, reporter)
            _watch_disconnect(self, reporter)
            watch_handlers(self, reporter)
        reporter.report(
            Kind.INSTANCE,
            connection=key,
            marker=self._conformance_identity,
            detail=type(self).__qualname__,
            text="sync" if isinstance(self, SyncConsumer) else "async",
        )
        return await original(self, scope, receive, send)

    AsyncConsumer.__call__ = call  # type: ignore[method-assign]  # watched, then as before


def _watch_dispatch(consumer: Any, reporter: Reports) -> None:
    """Report the consumer's channel before its first event; it has none yet when it is made."""
    original = consumer.dispatch
    told = False

    @functools.wraps(original)
    async def dispatch(message: Any) -> Any:
        nonlocal told
        if not told and getattr(consumer, "channel_layer", None) is not None:
            told = True
            alias = consumer.channel_layer_alias
            reporter.report(Kind.CHANNEL, connection=connection.get(), detail=consumer.channel_name, marker=alias)
        given = _layer_event(message)
        try:
            return await original(message)
        except (Exception, SystemExit) as error:
            # Whether the application ends as well is not the consumer's to say: Channels waits for the layer first.
            trace = "" if isinstance(error, StopConsumer) else "".join(traceback.format_exception(error))
            reporter.report(Kind.STOPPED, connection=connection.get(), detail=trace)
            raise
        finally:
            if given is not None and message != given:
                change = f"{given!a:.200} to {message!a:.200}"
                reporter.report(Kind.EVENT_CHANGED, connection=connection.get(), detail=change)

    consumer.dispatch = dispatch


def _layer_event(message: Any) -> Any:
    """Return a copy of a message that came through a channel layer; None for what the server sent or none can copy."""
    if not isinstance(message, dict) or str(message.get("type", "")).startswith("websocket."):
        return None
    try:
        return copy.deepcopy(message)
    except Exception:  # noqa: BLE001 -- an in-memory layer takes whatever it is given
        return None


def _watch_frames(consumer: Any, reporter: Reports) -> None:
    """Report each time the consumer begins to handle a frame, and where."""
    original = getattr(consumer, "websocket_receive", None)
    if original is None:
        return

    @functools.wraps(original)
    def websocket_receive(*args: Any, **kwargs: Any) -> Any:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            place, detail = "thread", ""
        else:
            place, detail = "loop", str(id(loop))
        thread = str(threading.get_ident())
        reporter.report(Kind.HANDLING, connection=connection.get(), marker=thread, text=place, detail=detail)
        return original(*args, **kwargs)

    consumer.websocket_receive = websocket_receive


def _watch_disconnect(consumer: Any, reporter: Reports) -> None:
    """Report each time the consumer is told of the end: by ``disconnect(code)``, or by the event where it has none."""
    name = "disconnect" if hasattr(consumer, "disconnect") else "websocket_disconnect"
    original = getattr(consumer, name, None)
    if original is None:
        return

    @functools.wraps(original)
    def disconnect(*args: Any, **kwargs: Any) -> Any:
        code = next(iter((*args, *kwargs.values())), None)
        code = code.get("code") if isinstance(code, dict) else code
        given = code if isinstance(code, int) else None
        reporter.report(Kind.DISCONNECT_RAN, connection=connection.get(), code=given)
        return original(*args, **kwargs)

    setattr(consumer, name, disconnect)


def watch_refused_queries(reporter: Reports) -> None:
    """Report each query that Django refused because it was made on an event loop, also where the subject hides it."""

    def refused(self: SynchronousOnlyOperation, *args: Any) -> None:
        Exception.__init__(self, *args)
        _report_if_connected(reporter, Kind.ORM_ON_LOOP, "refused")

    SynchronousOnlyOperation.__init__ = refused  # type: ignore[method-assign, assignment]  # no hook of its own


def watch_database(reporter: Reports, *, everything: bool = False) -> None:
    """Report each query with its thread, those on an event loop, and when a thread closes or replaces a connection.

    ``everything`` reports queries of no known connection as well, as suits a process that is the subject's alone: a
    thread pool of the subject's own may not carry the context along.
    """

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 -- Django's signature
        if everything or connection.get():
            does = "reads" if _READING.match(sql) else "writes"
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                reporter.report(Kind.QUERY, connection=connection.get(), marker=str(threading.get_ident()), text=does)
            else:
                _report_if_connected(reporter, Kind.ORM_ON_LOOP, does)
        return execute(sql, params, many, context)

    def tell() -> None:
        if everything or connection.get():
            reporter.report(Kind.OLD_CLOSED, connection=connection.get(), marker=str(threading.get_ident()))

    connect, close_old = BaseDatabaseWrapper.connect, BaseDatabaseWrapper.close_if_unusable_or_obsolete

    @functools.wraps(connect)
    def watched_connect(self: Any) -> None:
        if watch not in self.execute_wrappers:
            self.execute_wrappers.append(watch)
        tell()  # a new connection is no old one
        connect(self)

    @functools.wraps(close_old)
    def watched_close_old(self: Any) -> None:
        tell()
        close_old(self)

    BaseDatabaseWrapper.connect = watched_connect  # type: ignore[method-assign]  # watched, then as before
    BaseDatabaseWrapper.close_if_unusable_or_obsolete = watched_close_old  # type: ignore[method-assign]  # likewise


def watch_coroutines(reporter: Reports) -> None:
    """Report each coroutine that is dropped without having been awaited.

    The interpreter looks this function up each time it drops one, so that no filter of warnings can hide it.
    """
    original = warnings._warn_unawaited_coroutine  # type: ignore[attr-defined]  # what CPython itself calls

    def warn(coroutine: Any) -> None:
        name = getattr(coroutine, "__qualname__", repr(coroutine))
        reporter.report(Kind.UNAWAITED, connection=connection.get(), detail=f"coroutine {name} was never awaited")
        original(coroutine)

    warnings._warn_unawaited_coroutine = warn  # type: ignore[attr-defined]  # likewise


def _report_if_connected(reporter: Reports, kind: Kind, text: str) -> None:
    if connection.get():
        reporter.report(
            kind, connection=connection.get(), text=text, detail="".join(traceback.format_stack(limit=12)[:-2])
        )
