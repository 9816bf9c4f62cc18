"""The scope of a WebSocket, whole, as a server makes it (ASGI HTTP & WebSocket specification, "Connection Scope")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DENIAL_RESPONSE = "websocket.http.response"
"""The ASGI extension by which an application answers a handshake with an HTTP response of its own."""

PATH_SAFE = "/%:@!$&'()*+,;=~"
"""What a path may hold as it stands (RFC 3986 3.3), and the sign of what is quoted already."""


def websocket_scope(
    path: str,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
    subprotocols: Iterable[str] = (),
    spec_version: str = "2.4",
    cookies: Mapping[str, str],
    origin: str | None,
    query: Mapping[str, str],
    client: tuple[str, int],
    server: tuple[str, int],
    scheme: str = "ws",
    root_path: str = "",
    denial_response: bool = True,
) -> dict[str, Any]:
    """Return the scope of a handshake; raise TypeError where ``subprotocols`` is one text."""
    if isinstance(subprotocols, str):
        raise TypeError(f"subprotocols={subprotocols!r}: write a list, as [{subprotocols!r}]")
    parts = urlsplit(path)
    # No server delivers a path without its leading slash, though tests often leave it out.
    whole = "/" + parts.path.lstrip("/")
    queries = (parts.query, urlencode(query))
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": spec_version},
        "http_version": "1.1",
        "scheme": scheme,
        "path": unquote(whole),
        "raw_path": quote(whole, safe=PATH_SAFE).encode("ascii"),
        "query_string": "&".join(part for part in queries if part).encode("utf-8"),
        "root_path": root_path,
        "headers": _headers(headers, host=server[0], origin=origin, cookies=cookies),
        "client": list(client),
        "server": list(server),
        "subprotocols": list(subprotocols),
        "extensions": {DENIAL_RESPONSE: {}} if denial_response else {},
    }


def _headers(
    given: Iterable[tuple[bytes, bytes]], *, host: str, origin: str | None, cookies: Mapping[str, str]
) -> list[tuple[bytes, bytes]]:
    # Servers give names in lower case and keep order and duplicates.
    headers = [(name.lower(), value) for name, value in given]
    names = {name for name, _ in headers}
    if b"host" not in names:
        headers.insert(0, (b"host", host.encode("ascii")))
    if origin is not None and b"origin" not in names:
        headers.append((b"origin", origin.encode("ascii")))
    if cookies:
        headers.append((b"cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()).encode("latin-1")))
    return headers
