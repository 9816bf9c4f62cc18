"""What workers report reaches the journal, across processes and forks, and whoever waits for it is woken."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from channels_conformance.history import Event, Kind
from channels_conformance.subject.journal import LONGEST, Journal, LocalReporter, Reporter

DEADLINE = 60.0  # seconds after which what must come has failed to


@pytest.fixture
def journal() -> Iterator[Journal]:
    """Open a journal."""
    journal = Journal()
    yield journal
    journal.close()


def run(journal: Journal, program: str) -> None:
    """Run a program in a process that has a reporter for the journal."""
    head = (
        "import os, sys\n"
        "from channels_conformance.history import Kind\n"
        "from channels_conformance.subject.journal import Reporter\n"
        "reporter = Reporter(sys.argv[1], 'daphne-1')\n"
    )
    subprocess.run([sys.executable, "-c", head + program, journal.address], check=True, timeout=DEADLINE)


def _place(journal: Journal) -> tuple[str, int]:
    host, _, port = journal.address.rpartition(":")
    return host, int(port)


async def last(journal: Journal, connection: str = "") -> Event:
    """Wait for the event that a program reports last."""
    event = await journal.wait_for(connection, lambda event: event.kind is Kind.RETURNED, deadline=DEADLINE)
    assert event is not None, "nothing came"
    return event


@pytest.mark.asyncio
async def test_events_cross_a_process_border(journal: Journal) -> None:
    """Every field of an event arrives as it was reported, in order, with the worker's name and clock."""
    run(
        journal,
        """
reporter.report(Kind.DELIVERED, connection="a#1", text="h\\u00e9 \\ud800\\n", detail="websocket.receive")
reporter.report(Kind.ANSWERED, connection="a#1", data=b"\\x00\\xff", code=4001, marker="~m1~")
reporter.report(Kind.RETURNED, connection="a#1")
""",
    )

    await last(journal, "a#1")

    delivered, answered, returned = journal.of("a#1")
    assert (delivered.kind, delivered.text, delivered.data) == (Kind.DELIVERED, "hé \ud800\n", None)
    assert (answered.data, answered.code, answered.marker) == (b"\x00\xff", 4001, "~m1~")
    assert {event.worker for event in (delivered, answered, returned)} == {"daphne-1"}
    assert delivered.at <= answered.at <= returned.at


@pytest.mark.asyncio
async def test_what_is_queued_is_written_before_the_process_ends(journal: Journal) -> None:
    """A process that ends right after it reported has reported."""
    run(
        journal,
        "for n in range(2000): reporter.report(Kind.QUERY, marker=str(n))\nreporter.report(Kind.RETURNED)",
    )

    await last(journal)

    assert [event.marker for event in journal.of("")[:-1]] == [str(n) for n in range(2000)]


@pytest.mark.asyncio
async def test_a_forked_child_reports_as_well(journal: Journal) -> None:
    """A child that was forked off has a thread and a connection of its own, and its parent keeps both."""
    run(
        journal,
        """
reporter.report(Kind.TASK_STARTED, marker="parent")
child = os.fork()
if child == 0:
    reporter.report(Kind.TASK_STARTED, marker="child")
    reporter.close()
    os._exit(0)
os.waitpid(child, 0)
reporter.report(Kind.RETURNED, connection="parent")
""",
    )

    await last(journal, "parent")
    child = await journal.wait_for("", lambda event: event.marker == "child", deadline=DEADLINE)

    assert child is not None
    assert {event.marker for event in journal.of("")} == {"parent", "child"}


@pytest.mark.asyncio
async def test_long_payloads_are_cut(journal: Journal) -> None:
    """Text and bytes beyond a limit are not reported; markers come before it."""
    reporter = Reporter(journal.address, "daphne-1")
    reporter.report(Kind.DELIVERED, text="x" * (LONGEST + 1), data=b"x" * (LONGEST + 1))
    reporter.report(Kind.RETURNED)

    await last(journal)
    reporter.close()

    event = journal.of("")[0]
    assert event.text == "x" * LONGEST
    assert event.data == b"x" * LONGEST


def test_a_reporter_without_a_journal_does_not_disturb() -> None:
    """Where nobody listens, reports are dropped and the worker goes on."""
    reporter = Reporter("127.0.0.1:1", "daphne-1")

    reporter.report(Kind.RETURNED)
    reporter.close()


@pytest.mark.asyncio
async def test_a_line_that_was_cut_off_is_passed_over(journal: Journal, capfd: pytest.CaptureFixture[str]) -> None:
    """A worker that is killed while it writes leaves half a line, which is no event and no error."""
    line = json.dumps({"at": 1.0, "kind": "returned", "worker": "daphne-1"}).encode()
    handlers = threading.active_count()

    with socket.create_connection(_place(journal)) as worker:
        worker.sendall(line + b"\n" + line[:20])
        await last(journal)
    for thread in threading.enumerate()[handlers:]:
        thread.join(DEADLINE)

    assert [event.at for event in journal.of("")] == [1.0]
    assert capfd.readouterr().err == ""


@pytest.mark.asyncio
async def test_waiting_finds_what_has_come_already(journal: Journal) -> None:
    """An event of the past is returned at once, the first that is wanted."""
    reporter = LocalReporter(journal)
    for code in (1, 2, 3):
        reporter.report(Kind.CLOSED, connection="a#1", code=code)

    found = await journal.wait_for("a#1", lambda event: event.code in (2, 3), deadline=0)

    assert found is not None
    assert (found.code, found.worker) == (2, "in process")


@pytest.mark.asyncio
async def test_waiting_is_woken_by_what_is_yet_to_come(journal: Journal) -> None:
    """An event that a thread records later wakes whoever waits for it, and is given to nobody else."""

    def has(code: int, event: Event) -> bool:
        return event.code == code

    waiting = [asyncio.create_task(journal.wait_for("a#1", partial(has, code), deadline=DEADLINE)) for code in (1, 2)]
    other = asyncio.create_task(journal.wait_for("b#1", lambda event: True, deadline=DEADLINE))
    await asyncio.sleep(0)  # all three wait now

    reporter = LocalReporter(journal)
    for code in (2, 1):
        await asyncio.to_thread(reporter.report, Kind.CLOSED, connection="a#1", code=code)

    assert [event and event.code for event in await asyncio.gather(*waiting)] == [1, 2]
    assert not other.done()
    other.cancel()


@pytest.mark.asyncio
async def test_waiting_ends_at_the_deadline(journal: Journal) -> None:
    """Where nothing comes that is wanted, the answer is None."""
    LocalReporter(journal).report(Kind.CLOSED, connection="a#1", code=1)

    assert await journal.wait_for("a#1", lambda event: event.code == 2, deadline=0.01) is None
    assert journal._waiting["a#1"] == []


@pytest.mark.asyncio
async def test_what_is_forgotten_is_returned_once(journal: Journal) -> None:
    """Forgetting hands out what was reported of a connection, and keeps what was of others."""
    reporter = LocalReporter(journal)
    for connection in ("a#1", "b#1", "a#1"):
        reporter.report(Kind.QUERY, connection=connection)

    assert len(journal.forget("a#1")) == 2
    assert journal.forget("a#1") == journal.of("a#1") == []
    assert len(journal.of("b#1")) == 1


def test_what_is_reported_while_something_is_recorded_is_recorded(journal: Journal) -> None:
    """A finalizer runs at any moment, and may tell of a coroutine that was dropped."""
    reporter = LocalReporter(journal)

    class Key(str):
        __slots__ = ()
        __eq__ = str.__eq__

        def __hash__(self) -> int:
            reporter.report(Kind.UNAWAITED, connection="bob#1")
            return super().__hash__()

    recording = threading.Thread(target=journal.of, args=(Key("alice#1"),), daemon=True)
    recording.start()
    recording.join(DEADLINE)

    assert not recording.is_alive()
    assert {event.kind for event in journal.of("bob#1")} == {Kind.UNAWAITED}


def test_a_waiter_whose_loop_has_ended_is_no_hindrance(journal: Journal) -> None:
    """An event is recorded although a loop that waited for it was closed meanwhile."""
    loop = asyncio.new_event_loop()
    loop.close()
    journal._waiting["a#1"].append((loop, asyncio.Event()))

    LocalReporter(journal).report(Kind.CLOSED, connection="a#1")

    assert len(journal.of("a#1")) == 1


def test_a_journal_that_is_closed_listens_no_longer() -> None:
    """After close() nothing can connect."""
    journal = Journal()
    journal.close()

    with pytest.raises(OSError, match="refused"):
        socket.create_connection(_place(journal))
