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

from channels_conformance.checks.answers import no_python_shown, one_edit_stands, one_edit_taken
from channels_conformance.checks.configuration import (
    groups_outlast_connections,
    layers_made,
    origins_named,
    started,
    system_checks_pass,
    waits_outlast_reads,
    websockets_named,
)
from channels_conformance.checks.connections import connections_returned
from channels_conformance.checks.consumers import (
    disconnected_by_an_event,
    ended_without_disconnect,
    events_handled,
    events_named_apart,
    handlers_coloured,
    handlers_unchosen,
    heard_in_order,
    served_after_disconnect,
    tasks_ended,
    waits_at_its_gate,
)
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
from channels_conformance.checks.handshakes import (
    admission,
    answered_handshake,
    answered_in_time,
    answered_whatever_was_asked,
    asked_without_a_crash,
)
from channels_conformance.checks.intrusion import (
    joined_no_group,
    kept_out,
    refused_before_accept,
    refused_without_a_crash,
    shut_out,
    turned_away,
)
from channels_conformance.checks.layers import (
    channels_named_well,
    declined,
    expired,
    kept_nothing,
    lapsed,
    took,
    unaltered,
)
from channels_conformance.checks.loop import (
    loop_blocked,
    old_connections_closed,
    orm_on_loop,
    orm_unguarded,
    pings_answered,
    unawaited,
)
from channels_conformance.checks.pages import (
    pages_back_off,
    pages_come_back,
    pages_keep_order,
    pages_run_nothing,
    pages_show_all,
    pages_stay_away,
    pages_tell_their_state,
    schemes_agree,
    scripts_survive,
)
from channels_conformance.checks.protocols import (
    answers,
    held_back,
    raised,
    replied,
    streamed,
    told,
    told_the_same,
    typed,
    without_channel,
)
from channels_conformance.checks.pushes import pushes_heard
from channels_conformance.checks.requests import (
    no_socket_opened,
    outlasts,
    protocol_answered,
    replied_alike,
    requests_replied,
)
from channels_conformance.checks.servers import (
    denials_as_advertised,
    ended_with,
    handshakes_given_up,
    headers_kept,
    http2_negotiated,
    pushed_as_advertised,
    refused_with,
    scope_told,
    sends_after_close_raised,
    silent_peers_dropped,
    subprotocol_withheld,
    version_told,
)
from channels_conformance.checks.starting import (
    ended,
    frames_told,
    handshakes_crash,
    knocks_answered,
    logged,
    named,
    served,
)
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
from channels_conformance.checks.threads import (
    a_thread_for_each_connection,
    calls_beside,
    handlers_share_the_loop,
    held_together,
    nobody_handled_meanwhile,
    queries_share_the_sync_thread,
    sync_handlers_share_a_thread,
    threads_bounded,
    visits_answered,
)
from channels_conformance.checks.workers import gone_with_nobody, links_kept, results_read, waited_for, workers_reply

__all__ = [
    "Anomaly",
    "Blame",
    "Check",
    "Conversation",
    "Finding",
    "GrammarError",
    "a_thread_for_each_connection",
    "admission",
    "answered_handshake",
    "answered_in_time",
    "answered_whatever_was_asked",
    "answers",
    "as_stored",
    "asked_without_a_crash",
    "attributed",
    "calls_beside",
    "channels_named_well",
    "closed_with",
    "connections_returned",
    "crashed",
    "crossed",
    "declined",
    "denials_as_advertised",
    "disconnect_code",
    "disconnect_once_and_last",
    "disconnected_by_an_event",
    "done_in_vain",
    "duplicated",
    "echoed",
    "ended",
    "ended_with",
    "ended_without_disconnect",
    "events_handled",
    "events_named_apart",
    "events_unchanged",
    "expired",
    "failures_told",
    "flooded",
    "frames_told",
    "gone_with_nobody",
    "grammatical",
    "groups_outlast_connections",
    "handlers_coloured",
    "handlers_share_the_loop",
    "handlers_unchosen",
    "handshakes_crash",
    "handshakes_given_up",
    "headers_kept",
    "heard_in_order",
    "heard_in_vain",
    "held_back",
    "held_together",
    "http2_negotiated",
    "joined_no_group",
    "kept_nothing",
    "kept_out",
    "knocks_answered",
    "lapsed",
    "late",
    "layers_made",
    "leaked",
    "links_kept",
    "logged",
    "loop_blocked",
    "lossy",
    "lost",
    "named",
    "never_heard",
    "no_python_shown",
    "no_socket_opened",
    "nobody_handled_meanwhile",
    "old_connections_closed",
    "one_edit_stands",
    "one_edit_taken",
    "one_instance_per_connection",
    "origins_named",
    "orm_on_loop",
    "orm_unguarded",
    "outlasts",
    "pages_back_off",
    "pages_come_back",
    "pages_keep_order",
    "pages_run_nothing",
    "pages_show_all",
    "pages_stay_away",
    "pages_tell_their_state",
    "pings_answered",
    "protocol_answered",
    "pushed_as_advertised",
    "pushes_heard",
    "queries_share_the_sync_thread",
    "raised",
    "refused_before_accept",
    "refused_with",
    "refused_without_a_crash",
    "reordered",
    "replied",
    "replied_alike",
    "requests_replied",
    "results_altered",
    "results_crossed",
    "results_early",
    "results_heard",
    "results_lost",
    "results_read",
    "results_repeated",
    "schemes_agree",
    "scope_told",
    "scripts_survive",
    "seen_when_heard",
    "sends_after_close_raised",
    "served",
    "served_after_disconnect",
    "shut_out",
    "silent_before_accept_and_after_close",
    "silent_peers_dropped",
    "started",
    "stayed",
    "stored_as_said",
    "stored_once",
    "streamed",
    "subprotocol_withheld",
    "sync_handlers_share_a_thread",
    "system_checks_pass",
    "tasks_done",
    "tasks_ended",
    "tasks_succeeded",
    "threads_bounded",
    "told",
    "told_the_same",
    "took",
    "turned_away",
    "typed",
    "unaltered",
    "unawaited",
    "unexpected",
    "version_told",
    "visits_answered",
    "waited_for",
    "waits_at_its_gate",
    "waits_outlast_reads",
    "websockets_named",
    "whole",
    "without_channel",
    "workers_reply",
]
