"""A packet: one byte that says what it is, four that say how long, and so much UTF-8."""

import struct

HEADER = struct.Struct(">BI")
PUBLISH, HEARD, FAULT = 1, 2, 255


class BadPacket(Exception):
    pass


def pack(kind, text):
    body = text.encode()
    return HEADER.pack(kind, len(body)) + body


def unpack(packet):
    """Return the kind and the text of a packet."""
    if packet is None or len(packet) < HEADER.size:
        raise BadPacket("no packet")
    kind, length = HEADER.unpack_from(packet)
    body = packet[HEADER.size :]
    if len(body) != length:
        raise BadPacket("wrong length")
    try:
        return kind, body.decode()
    except UnicodeDecodeError:
        raise BadPacket("no UTF-8") from None
