"""Feeds under WSGI, where each request has a thread of its own."""

from __future__ import annotations

import pytest

from bare import wsgi


def test_two_who_come_first_at_once_share_a_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one makes the feed of a name, another asks for it."""
    others: list[wsgi.Feed] = []

    class Interrupted(wsgi.Feed):
        def __init__(self) -> None:
            super().__init__()
            if not others:
                others.append(self)
                others[:] = [wsgi.feed_of("/feeds/news/")]

    monkeypatch.setattr(wsgi, "feeds", {})
    monkeypatch.setattr(wsgi, "Feed", Interrupted)

    assert [wsgi.feed_of("/feeds/news/")] == others


def test_a_feed_is_told_from_its_beginning() -> None:
    """Whoever begins to listen late misses nothing, and a feed that is over ends."""
    feed = wsgi.Feed()
    feed.tell("one")
    feed.tell("two\nlines")
    feed.end()

    assert list(feed.events()) == [b": here it begins\n\n", b"data: one\n\n", b"data: two\ndata: lines\n\n"]
