"""What a channel layer that is spoken to directly does wrong."""

from __future__ import annotations

from typing import Any

from channels_conformance.checks import (
    Anomaly,
    Finding,
    channels_named_well,
    declined,
    expired,
    kept_nothing,
    lapsed,
    took,
    unaltered,
)
from channels_conformance.history import Connection, Event, History, Kind

READER = Connection(id="alice#1", client="alice")


Happening = tuple[float, Kind, dict[str, Any]]
"""When, what, and the rest of an event."""


def written(*events: Happening) -> History:
    """Return a history of these events, of alice's where nothing else is said."""
    history = History(connections={READER.id: READER})
    history.events = [Event(at=at, kind=kind, **{"connection": READER.id, **more}) for at, kind, more in events]
    return history


def told(findings: list[Finding]) -> tuple[Anomaly, str, str]:
    """Return what the only finding says."""
    (finding,) = findings
    return finding.anomaly, finding.sentence, finding.blame


def test_a_layer_may_neither_refuse_nor_take_all() -> None:
    """What is refused is a finding where it must be taken, and the other way round."""
    history = written(
        (1, Kind.TOOK, {"text": "a name of 99"}), (2, Kind.DECLINED, {"text": "a", "detail": "TypeError"})
    )

    assert told(took(history)) == (Anomaly.REFUSED, "the layer refused a: TypeError", "layer")
    assert told(declined(history)) == (Anomaly.ADMITTED, "the layer took a name of 99 without an error", "layer")
    assert (took(written()), declined(written())) == ([], [])


def test_what_is_handed_over_is_what_was_sent() -> None:
    """Text is what was sent, detail what came out."""
    assert unaltered(written((1, Kind.HANDED, {"text": "[1]", "detail": "[1]"}))) == []
    assert told(unaltered(written((1, Kind.HANDED, {"text": "(1,)", "detail": "[1]"})))) == (
        Anomaly.CHANGED,
        "alice was handed '[1]' for '(1,)'",
        "layer",
    )


def test_new_channels_are_named_well() -> None:
    """A name has an exclamation mark in it, is no longer than a hundred characters, and is given once."""
    good = [(1.0, Kind.CHANNEL, {"detail": f"specific.abc!{number}"}) for number in range(3)]
    longest: Happening = (3.0, Kind.CHANNEL, {"detail": f"specific.abc!{'x' * 87}"})
    assert channels_named_well(written(*good, longest)) == []

    for bad in ("specific.abc", "specific.abc!é", f"specific.abc!{'x' * 88}", ""):
        anomaly, sentence, _ = told(channels_named_well(written((1, Kind.CHANNEL, {"detail": bad}))))
        assert (anomaly, sentence[:29]) == (Anomaly.UNGRAMMATICAL, "the layer named a new channel")

    twice = channels_named_well(written(*good, *good[:1]))
    assert told(twice) == (Anomaly.DUPLICATED, "the layer named 2 new channels 'specific.abc!0'", "layer")
    assert [event.detail for event in twice[0].evidence] == ["specific.abc!0"] * 2


def test_names_given_twice_are_found_in_their_own_order() -> None:
    """Which of them was given first does not matter."""
    given: list[Happening] = [(1.0, Kind.CHANNEL, {"detail": f"specific.abc!{letter}"}) for letter in "cab" * 2]

    found = channels_named_well(written(*given))

    assert [one.sentence[-3:] for one in found] == ["!a'", "!b'", "!c'"]


def test_a_message_expires() -> None:
    """What is handed over later than the layer keeps it was kept too long; what comes in time was not."""
    said = (1.0, Kind.SAID, {"marker": "~m1~", "text": "~m1~", "connection": "sayer#1"})

    assert expired(written(said, (2.0, Kind.RECEIVED, {"text": "~m1~"})), expiry=1) == []
    assert told(expired(written(said, (2.1, Kind.RECEIVED, {"text": "~m1~"})), expiry=1)) == (
        Anomaly.UNEXPECTED,
        "alice received '~m1~', which had expired",
        "layer",
    )


def test_where_nothing_else_is_said_the_defaults_of_channels_hold() -> None:
    """A message expires after a minute, and a membership after a day."""
    joined: Happening = (0.0, Kind.READY, {})
    said: Happening = (86400.0, Kind.SAID, {"marker": "~m1~", "connection": "sayer#1"})
    heard: Happening = (86460.0, Kind.RECEIVED, {"text": "~m1~"})
    assert expired(written(said, heard)) == lapsed(written(joined, said, heard)) == []

    later = [(at + 0.5, kind, more) for at, kind, more in (said, heard)]
    assert len(lapsed(written(joined, *later))) == 1
    assert len(expired(written(said, later[1]))) == 1


def test_a_membership_lapses() -> None:
    """What is said to a group once a membership has lapsed is not for that member; its last joining counts."""
    joined: Happening = (1.0, Kind.READY, {})
    said: Happening = (2.5, Kind.SAID, {"marker": "~m1~", "connection": "sayer#1"})
    heard: Happening = (2.6, Kind.RECEIVED, {"text": "~m1~"})

    assert lapsed(written(joined, (1.5, Kind.READY, {}), said, heard), group_expiry=1) == []
    assert lapsed(written(said, heard), group_expiry=1) == []
    assert told(lapsed(written(joined, said, heard), group_expiry=1)) == (
        Anomaly.UNEXPECTED,
        "alice received '~m1~' after its membership had expired",
        "layer",
    )


def test_a_layer_that_grows_with_each_reader_keeps_too_much() -> None:
    """One thing for each reader that has gone is found; one now and then is work still under way."""
    few = (1.0, Kind.KEPT, {"code": 12, "text": "5"})

    assert kept_nothing(written(few, (2.0, Kind.KEPT, {"code": 14, "text": "25"}))) == []
    assert told(kept_nothing(written(few, (2.0, Kind.KEPT, {"code": 32, "text": "25"})))) == (
        Anomaly.LEAKED,
        "20 readers came and went, and the layer keeps 20 things more than before",
        "layer",
    )


def test_a_layer_may_keep_nothing_at_all() -> None:
    """Nothing is counted as nothing: the first thing that is kept of the first reader is one."""
    none, still_none, one = ((at, Kind.KEPT, {"code": int(at > 2), "text": f"{at:.0f}"}) for at in (1.0, 2.0, 3.0))

    assert kept_nothing(written(none, still_none)) == []
    assert len(kept_nothing(written(none, still_none, one))) == 1
