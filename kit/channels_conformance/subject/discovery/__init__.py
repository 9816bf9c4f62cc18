"""What a project has to be judged, found without a word from it: its settings, its application, its WebSocket routes.

The application is imported in a process of its own, as a server would import it, so that an import which only works
in a certain order, or which ends the process, is something found and nothing suffered.
"""

from channels_conformance.subject.discovery.found import (
    Discovered,
    Refusal,
    described,
    profile_of,
    routed,
)
from channels_conformance.subject.discovery.routes import routes
from channels_conformance.subject.discovery.serving import unserved
from channels_conformance.subject.route import Route

__all__ = [
    "Discovered",
    "Refusal",
    "Route",
    "described",
    "profile_of",
    "routed",
    "routes",
    "unserved",
]
