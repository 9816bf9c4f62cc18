"""What must hold of a subject's settings, as they came out."""

from __future__ import annotations

from channels_conformance.checks.finding import Anomaly, Finding
from channels_conformance.history import Event, History, Kind

LONGEST_CONNECTION = 86400
"""Seconds after which Daphne ends a WebSocket, unless it is told otherwise (``--websocket_timeout``)."""


def started(history: History) -> list[Finding]:
    """Find servers that ended before they answered, as the application could not be imported."""
    return [
        Finding(
            anomaly=Anomaly.CRASHED,
            sentence=f"{event.worker} could not import the application: {_last_line(event.detail)}",
            evidence=(event,),
        )
        for event in history.of(Kind.NOT_STARTED)
    ]


def waits_outlast_reads(history: History) -> list[Finding]:
    """Find layers whose connections give up before the layer does (django/channels_redis#422)."""
    findings = []
    for wait in _configured(history, "brpop_timeout"):
        for timeout in _configured(history, "socket_timeout", wait.detail):
            if timeout.text != "none" and float(timeout.text or 0) <= float(wait.text or 0):
                findings += [
                    _misconfigured(
                        f"{timeout.detail} reads with a socket_timeout of {timeout.text} s and waits {wait.text} s for "
                        "messages, so that every idle connection is cut off: give its hosts socket_timeout = None",
                        timeout,
                    )
                ]
    return findings


def groups_outlast_connections(history: History) -> list[Finding]:
    """Find layers that forget the members of a group before the server has ended their connections."""
    return [
        _misconfigured(
            f"{expiry.detail} forgets a group's members after {expiry.text} s, and a connection may live "
            f"{LONGEST_CONNECTION} s: who is connected for longer hears nothing any more",
            expiry,
        )
        for expiry in _configured(history, "group_expiry")
        if float(expiry.text or 0) < LONGEST_CONNECTION
    ]


def origins_named(history: History) -> list[Finding]:
    """Find origin validators that let every origin in, in front of endpoints that read cookies."""
    return [
        _misconfigured(
            f'{origins.detail} has an origin validator that lets "*" in, so that the pages of every site may use the '
            "cookies of your users: name your hosts in ALLOWED_HOSTS",
            origins,
        )
        for origins in _configured(history, "origins")
        if "*" in (origins.text or "").split()
    ]


def system_checks_pass(history: History) -> list[Finding]:
    """Find errors of Django's own system checks, with which no management command begins its work."""
    return [
        _misconfigured(f"manage.py check ends with {error.detail}: {error.text}", error)
        for error in _configured(history, "system check")
    ]


def layers_made(history: History) -> list[Finding]:
    """Find layers that cannot be made of their settings, so that every handshake raises."""
    return [
        _misconfigured(
            f"{layer.detail} cannot be made, and every handshake of a consumer that uses it raises {layer.text}: give "
            "it what its BACKEND takes",
            layer,
        )
        for layer in _configured(history, "unmade")
    ]


def websockets_named(history: History) -> list[Finding]:
    """Find an ASGI_APPLICATION that cannot be imported, or serves HTTP alone."""
    return [
        _misconfigured(f"ASGI_APPLICATION {application.text}: {application.detail}", application)
        for application in _configured(history, "ASGI_APPLICATION")
        if application.text != "takes WebSockets"
    ]


def _configured(history: History, name: str, place: str = "") -> list[Event]:
    return [event for event in history.of(Kind.CONFIGURED) if event.marker == name and event.detail.startswith(place)]


def _misconfigured(sentence: str, event: Event) -> Finding:
    return Finding(anomaly=Anomaly.MISCONFIGURED, sentence=sentence, evidence=(event,), blame="config")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["its log says nothing"])[-1]
