"""A client that asks once over TLS, by HTTP/2 where the server speaks it, and takes what is pushed."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from channels_conformance.traffic import patience

HTTP_1 = "http/1.1"
HTTP_2 = "h2"  # RFC 9113 3.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered, and over what."""

    protocol: str  # as negotiated (RFC 7301): "h2", "http/1.1"; empty where the server takes no part in that
    status: int
    body: str
    promised: tuple[str, ...] = ()  # the paths that the server pushed


def get(host: str, port: int, path: str) -> Answer:
    """Ask for a path; raise OSError where the connection or the answer fails."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # a server of ours, which nobody vouches for
    context.set_alpn_protocols([HTTP_2, HTTP_1])
    with (
        socket.create_connection((host, port), timeout=patience.deadline) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        protocol = connection.selected_alpn_protocol() or ""
        return _second(connection, path) if protocol == HTTP_2 else _first(connection, path, protocol)


def _first(connection: ssl.SSLSocket, path: str, protocol: str) -> Answer:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode("ascii"))
    response = http.client.HTTPResponse(connection)
    response.begin()
    return Answer(protocol=protocol, status=response.status, body=response.read().decode())


def _second(connection: ssl.SSLSocket, path: str) -> Answer:
    # Whoever has a server that speaks HTTP/2 in Python has this.
    import h2.config
    import h2.connection
    import h2.events

    asked = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding=None))
    asked.initiate_connection()
    asked.update_settings({2: 1})  # SETTINGS_ENABLE_PUSH, RFC 9113 6.5.2
    stream = asked.get_next_available_stream_id()
    asked.send_headers(
        stream,
        [(":method", "GET"), (":path", path), (":scheme", "https"), (":authority", "localhost")],
        end_stream=True,
    )
    status, body = 0, b""
    promised: list[str] = []
    over = False
    while not over:
        connection.sendall(asked.data_to_send())
        if not (data := connection.recv(65536)):
            raise ConnectionError("the server ended the connection before its answer was whole")
        for event in asked.receive_data(data):
            if isinstance(event, h2.events.ResponseReceived) and event.stream_id == stream:
                status = int(_header(event.headers, b":status"))
            elif isinstance(event, h2.events.DataReceived) and event.stream_id == stream:
                body += event.data
            elif isinstance(event, h2.events.PushedStreamReceived):
                promised.append(_header(event.headers, b":path"))
            elif isinstance(event, h2.events.StreamEnded | h2.events.StreamReset):
                over = over or event.stream_id == stream
    return Answer(protocol=HTTP_2, status=status, body=body.decode(), promised=tuple(promised))


def _header(headers: Iterable[tuple[Any, Any]] | None, name: bytes) -> str:
    """Return the header of a name; an answer without it is none that HTTP/2 allows."""
    return next(bytes(value).decode("ascii") for key, value in headers or () if key == name)
