"""Whole runs that are played beside each other end where whoever asked for them gives up."""

from __future__ import annotations

from threading import Event

from tests import play


def test_giving_up_begins_nothing_more() -> None:
    """What runs is waited for, and what has not begun is let be."""
    let_be = Event()

    with play.at_once(1) as pool:
        running = pool.submit(let_be.wait, 30)
        to_come = pool.submit(int)
        to_come.add_done_callback(lambda _: let_be.set())

    assert to_come.cancelled()
    assert running.result()
