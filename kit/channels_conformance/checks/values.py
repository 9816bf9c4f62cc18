"""What an ASGI WebSocket event must hold: one small rule a value, each with its source.

When an event may come is told by the table in :mod:`channels_conformance.checks.grammar`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

CONNECT: Final = "websocket.connect"
RECEIVE: Final = "websocket.receive"
DISCONNECT: Final = "websocket.disconnect"
ACCEPT: Final = "websocket.accept"
SEND: Final = "websocket.send"
CLOSE: Final = "websocket.close"
DENIAL_START: Final = "websocket.http.response.start"
DENIAL_BODY: Final = "websocket.http.response.body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the handshake offered to the application. None: not known, so nothing is judged by it."""

    subprotocols: Collection[str] | None = None
    denial_response: bool | None = None


Message = Mapping[str, Any]
Rule = Callable[[Message, Offer], str | None]
"""Return what is wrong with a message, citing the source, or None."""

MAX_REASON_BYTES: Final = 123  # RFC 6455 §5.5: a control frame holds 125 bytes, and the code takes two


def sendable(code: int) -> bool:
    """Tell whether a close code may travel in a close frame (RFC 6455 §7.4 and the IANA registry).

    1005, 1006 and 1015 are names for what was *not* sent; 1004 and 1016 to 2999 are reserved. The ASGI spec advises
    applications to keep to 1000 and 3000 to 4999, but the others are legal on the wire.
    """
    return code in range(1000, 1004) or code in range(1007, 1015) or code in range(3000, 5000)


def _one_payload(message: Message, _: Offer) -> str | None:
    text, data = message.get("text"), message.get("bytes")
    if (text is None) == (data is None):
        found = "neither" if text is None else "both"
        return f"it has {found} of text and bytes, and must have exactly one (ASGI WebSocket spec: Receive, Send)"
    if not isinstance(text, str | None) or not isinstance(data, bytes | bytearray | memoryview | None):
        return "its text must be a str and its bytes must be bytes (ASGI WebSocket spec: Receive, Send)"
    return None


def _subprotocol_was_offered(message: Message, offer: Offer) -> str | None:
    chosen = message.get("subprotocol")
    if chosen is None or offer.subprotocols is None or chosen in offer.subprotocols:
        return None
    return f"it chooses the subprotocol {chosen!r}, which the client did not offer (RFC 6455 §4.2.2)"


def _accept_headers(message: Message, _: Offer) -> str | None:
    source = "(ASGI WebSocket spec: Accept)"
    for header in message.get("headers") or ():
        if not isinstance(header, list | tuple) or len(header) != 2 or not all(isinstance(x, bytes) for x in header):
            return f"each of its headers must be a pair of bytes, not {header!r} {source}"
        name = header[0]
        if name != name.lower():
            return f"its header name {name!r} is not in lower case {source}"
        if name == b"sec-websocket-protocol" or name.startswith(b":"):
            return f"it may not set the header {name!r} {source}"
    return None


def _close_code(message: Message, _: Offer) -> str | None:
    code = message.get("code")
    if code is None or (isinstance(code, int) and not isinstance(code, bool) and sendable(code)):
        return None
    return f"its code {code!r} may not be sent in a close frame (RFC 6455 §7.4)"


def _close_reason(message: Message, _: Offer) -> str | None:
    reason = message.get("reason")
    if reason is None:
        return None
    if not isinstance(reason, str):
        return "its reason must be a str (ASGI WebSocket spec: Close)"
    size = len(reason.encode("utf-8", "surrogatepass"))
    return (
        f"its reason takes {size} bytes, of at most {MAX_REASON_BYTES} (RFC 6455 §5.5)"
        if size > MAX_REASON_BYTES
        else None
    )


def _denial_was_offered(_: Message, offer: Offer) -> str | None:
    if offer.denial_response is False:
        return "the server did not offer the websocket.http.response extension (ASGI Extensions: Denial Response)"
    return None


def _denial_status(message: Message, _: Offer) -> str | None:
    status = message.get("status")
    if isinstance(status, int) and 200 <= status <= 599:
        return None
    return f"its status {status!r} cannot end an HTTP exchange (ASGI Extensions: Denial Response)"


RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    RECEIVE: (_one_payload,),
    SEND: (_one_payload,),
    ACCEPT: (_subprotocol_was_offered, _accept_headers),
    CLOSE: (_close_code, _close_reason),
    DENIAL_START: (_denial_was_offered, _denial_status),
}
