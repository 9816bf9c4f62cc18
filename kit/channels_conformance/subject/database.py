"""The subject's test database, seen from outside: what is stored, and ways to make storing hard.

Everything here acts on the run's own databases.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, cast

from django.apps import apps
from django.core.exceptions import FieldError
from django.db import connections, models, router

from channels_conformance.checks import as_stored
from channels_conformance.history import Event, Kind, markers_in
from channels_conformance.subject.own_thread import in_own_thread
from channels_conformance.subject.profile import ProfileError, Stores
from channels_conformance.subject.rivals import Rival

MARKERS_AT_ONCE = 40  # in one query: databases limit how deep a condition may nest

DOOM = "~doomed~"
"""A text that holds this marker is stored without complaint, and its commit fails; see :func:`doomed`."""


def model_of(stores: Stores) -> type[models.Model]:
    """Return the model where messages are stored."""
    try:
        return apps.get_model(stores.model)
    except (LookupError, ValueError) as error:
        known = sorted(model._meta.label for model in apps.get_models())
        near = get_close_matches(stores.model, known, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"its models are {', '.join(known) or 'none'}."
        raise ProfileError(
            f'stores names the model "{stores.model}", which the project does not have: {hint}'
        ) from error


def check_stores(stores: Stores | None, where: str) -> None:
    """Raise :class:`ProfileError` where the model, or a field that a lookup leads to, does not exist."""
    if stores is None:
        return
    named = [lookup for lookup in (stores.text, stores.user, stores.audience) if lookup]
    try:
        model_of(stores)._default_manager.values(*named)
    except ProfileError as error:
        raise ProfileError(f"{where}: {error}") from error
    except FieldError as error:
        told = str(error).rstrip(".")
        raise ProfileError(f'{where}: stores names a field of "{stores.model}" that leads nowhere: {told}.') from error


async def planned_report(user: int, text: str) -> int:
    """Store a report of the reference app's that a user asks for, as its view does, and return its number."""
    report = await in_own_thread(apps.get_model("reports.Report").objects.create)(user_id=user, text=text)
    return int(report.pk)


async def ends_of_reports(markers: Mapping[str, str]) -> list[Event]:
    """Return a TOLD event for each name: how, by its rows, the reference app's report with that marker has ended."""
    return [await in_own_thread(_end_of_report)(name, marker) for name, marker in markers.items()]


def _end_of_report(name: str, marker: str) -> Event:
    rows = apps.get_model("reports.Report").objects.filter(text__contains=marker).values_list("state", "result")
    text = "; ".join(f"{state}, {'with a result' if result else 'without a result'}" for state, result in rows)
    return Event(at=time.monotonic(), kind=Kind.TOLD, marker=name, text=text)


async def stored(stores: Stores, markers: Iterable[str]) -> list[Event]:
    """Return a STORED event for every row that carries one of the markers."""
    return await in_own_thread(_stored)(stores, tuple(markers))


def _stored(stores: Stores, markers: tuple[str, ...]) -> list[Event]:
    wanted = [lookup for lookup in (stores.text, stores.user, stores.audience) if lookup]
    rows = model_of(stores)._default_manager
    found: list[Event] = []
    for start in range(0, len(markers), MARKERS_AT_ONCE):
        condition = models.Q()
        for marker in markers[start : start + MARKERS_AT_ONCE]:
            condition |= models.Q(**{f"{stores.text}__contains": marker})
        found += [_as_event(stores, row) for row in rows.filter(condition).values(*wanted)]
    return found


def _as_event(stores: Stores, row: dict[str, Any]) -> Event:
    text = str(row[stores.text])
    who = str(row[stores.user]) if stores.user else None
    where = str(row[stores.audience]) if stores.audience else None
    # What is said begins with its marker; more of them may follow in the text.
    marker = markers_in(text)[0]
    return Event(at=time.monotonic(), kind=Kind.STORED, marker=marker, text=text, detail=as_stored(who, where))


@contextlib.asynccontextmanager
async def write_locked(stores: Stores | None) -> AsyncIterator[None]:
    """Hold the database's write lock, so that whoever stores must wait; reading goes on."""
    with _rival(stores).locking():
        yield


@contextlib.asynccontextmanager
async def doomed(stores: Stores | None) -> AsyncIterator[None]:
    """Make the commit fail of each row whose text holds :data:`DOOM`.

    The insert succeeds, and the transaction fails where it commits: so whoever speaks before the commit is caught in
    the act, whatever the timing.
    """
    with _rival(stores).dooming(DOOM):
        yield


def _rival(stores: Stores | None) -> Rival:
    if stores is None:
        raise LookupError("the profile does not say where this is stored")
    model = model_of(stores)
    field = cast("models.Field[Any, Any]", model._meta.get_field(stores.text.partition("__")[0]))
    connection = connections[router.db_for_write(model)]
    return Rival(connection.vendor, str(connection.settings_dict["NAME"]), model._meta.db_table, str(field.column))
