"""What must hold: pure functions from a :class:`~channels_conformance.history.History` to findings.

They import the history and the standard library only, so they can be used alone, in anyone's tests:

    assert lost(history) == []

============== =======================================================================================================
anomaly        meaning
============== =======================================================================================================
lost           what was owed never came, or came altered; work that was due was never done
duplicated     it came, ran or was stored more often than once
unexpected     it came though nobody said it, outside its time, or with another code than was sent
reordered      two messages of one sayer came in the other order; a result came before its work
crossed        it came to another audience, user, endpoint or connection than it was meant for
changed        a handler changed an event that other handlers are given as well; a layer handed on something else
late           it came after a fence that was sent later, and which should have proved it heard
leaked         something outlived its connection, or reached one that was to be shut out
crashed        an exception left the application, or a connection was cut off unasked
ungrammatical  an ASGI event came where the grammar has no place for it, or with a value it may not have
blocked        an event loop was kept from its other connections
refused        somebody entitled was not let in; a layer raised where it must not
admitted       somebody not entitled was let in; a layer took what it must refuse
unanswered     a handshake was left without an answer
misstored      a row has another user or audience than its message
misconfigured  a setting, as it comes out, undoes what it is there for
============== =======================================================================================================
"""

from channels_conformance.checks.configuration import (
    groups_outlast_connections,
    origins_named,
    started,
    waits_outlast_reads,
)
from channels_conformance.checks.connections import connections_returned
from channels_conformance.checks.delivery import (
    crossed,
    duplicated,
    flooded,
    late,
    lossy,
    lost,
    never_heard,
    reordered,
    unexpected,
    whole,
)
from channels_conformance.checks.echo import echoed
from channels_conformance.checks.endings import (
    admission,
    answered_handshake,
    answered_in_time,
    closed_with,
    crashed,
    disconnect_code,
    disconnect_once_and_last,
    leaked,
    one_instance_per_connection,
    silent_before_accept_and_after_close,
    stayed,
)
from channels_conformance.checks.events import events_unchanged
from channels_conformance.checks.finding import Anomaly, Blame, Check, Finding
from channels_conformance.checks.grammar import Conversation, GrammarError, grammatical
from channels_conformance.checks.intrusion import (
    joined_no_group,
    kept_out,
    refused_before_accept,
    refused_without_a_crash,
    shut_out,
    turned_away,
)
from channels_conformance.checks.layers import channels_named_well, declined, expired, lapsed, took, unaltered
from channels_conformance.checks.loop import (
    loop_blocked,
    old_connections_closed,
    orm_on_loop,
    orm_unguarded,
    pings_answered,
    unawaited,
)
from channels_conformance.checks.pushes import pushes_heard
from channels_conformance.checks.storage import (
    as_stored,
    attributed,
    heard_in_vain,
    seen_when_heard,
    stored_as_said,
    stored_once,
)
from channels_conformance.checks.tasks import (
    done_in_vain,
    failures_told,
    results_altered,
    results_crossed,
    results_early,
    results_heard,
    results_lost,
    results_repeated,
    tasks_done,
    tasks_succeeded,
)

__all__ = [
    "Anomaly",
    "Blame",
    "Check",
    "Conversation",
    "Finding",
    "GrammarError",
    "admission",
    "answered_handshake",
    "answered_in_time",
    "as_stored",
    "attributed",
    "channels_named_well",
    "closed_with",
    "connections_returned",
    "crashed",
    "crossed",
    "declined",
    "disconnect_code",
    "disconnect_once_and_last",
    "done_in_vain",
    "duplicated",
    "echoed",
    "events_unchanged",
    "expired",
    "failures_told",
    "flooded",
    "grammatical",
    "groups_outlast_connections",
    "heard_in_vain",
    "joined_no_group",
    "kept_out",
    "lapsed",
    "late",
    "leaked",
    "loop_blocked",
    "lossy",
    "lost",
    "never_heard",
    "old_connections_closed",
    "one_instance_per_connection",
    "origins_named",
    "orm_on_loop",
    "orm_unguarded",
    "pings_answered",
    "pushes_heard",
    "refused_before_accept",
    "refused_without_a_crash",
    "reordered",
    "results_altered",
    "results_crossed",
    "results_early",
    "results_heard",
    "results_lost",
    "results_repeated",
    "seen_when_heard",
    "shut_out",
    "silent_before_accept_and_after_close",
    "started",
    "stayed",
    "stored_as_said",
    "stored_once",
    "tasks_done",
    "tasks_succeeded",
    "took",
    "turned_away",
    "unaltered",
    "unawaited",
    "unexpected",
    "waits_outlast_reads",
    "whole",
]
