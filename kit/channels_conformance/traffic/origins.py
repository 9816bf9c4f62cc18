"""Origins of other sites: strangers, and look-alikes of a host that each fool some way of comparing by hand."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from channels_conformance.traffic import characters

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

STRANGER = "http://evil.example"

_LOOKALIKES = (
    "http://{host}.evil.example",  # startswith(), `in`
    "http://evil-{host}",  # endswith(), `in`
    "http://evil{host}",
    "http://{host}-evil.example",
    "http://{host}.evil.example:{port}",
    "http://evil.example:{port}",  # only the port is compared
    "http://{host}@evil.example",  # what stands before @ is no host
    "http://{host}:{port}@evil.example",
    "http://evil.example/{host}",
    "http://evil.example/http://{host}:{port}",
    "http://evil.example?{host}",
    "http://evil.example#{host}",
    "http://{dotless}",  # a dot in a regular expression stands for any character
)
# Left out, since Channels' own AllowedHostsOriginValidator lets them in: the host itself with another scheme or port.


def lookalikes(host: str, port: int = 80) -> tuple[str, ...]:
    """Return origins that look like ``http://host:port`` and are other sites."""
    found = (origin.format(host=host, port=port, dotless=host.replace(".", "x")) for origin in _LOOKALIKES)
    return tuple(origin for origin in found if origin != f"http://{host}")


def strangers() -> SearchStrategy[str]:
    """Return origins of sites that nobody can own (RFC 2606), with any scheme that a browser may name, port or none."""
    label = st.text(characters.of(string.ascii_lowercase + string.digits), min_size=1, max_size=10)
    port = st.just("") | st.integers(1, 65535).map(":{}".format)
    scheme = st.sampled_from(["http", "https", "chrome-extension", "file"])
    return st.builds("{}://{}.{}{}".format, scheme, label, st.sampled_from(["example", "test", "invalid"]), port)
