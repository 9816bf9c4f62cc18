"""Addresses of services: whether they are on this machine, which port is free, and how they are shown."""

from __future__ import annotations

import ipaddress
import re
import socket


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, by its loopback interface."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def masked(url: str) -> str:
    """Hide the user name and the password of a URL."""
    return re.sub(r"(?i)\b(password=)[^&]*", r"\1***", re.sub(r"//[^@/]*@", "//***@", url))


def ip_address(host: str) -> str:
    """Return the IP address of a host, of version 4 where it has one; the host itself where none is known."""
    try:
        found = sorted(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM), key=lambda one: one[0])
    except OSError:
        return host  # whoever connects will say what is wrong with it
    return next((str(one[4][0]) for one in found if one[0] == socket.AF_INET), str(found[0][4][0]))
