"""A process that sends one message to a group of the subject's channel layer and ends, as a management command would.

``python -m channels_conformance.subject.sender ALIAS GROUP TEXT``, with the plan in the environment.
"""

from __future__ import annotations

import sys

import django
from asgiref.sync import async_to_sync
from channels.layers import channel_layers

from channels_conformance.subject.layer import TYPE
from channels_conformance.subject.overlay import Plan


def main(alias: str, group: str, text: str) -> None:
    """Send the text to the group."""
    Plan.current().enter()
    django.setup()
    async_to_sync(channel_layers[alias].group_send)(group, {"type": TYPE, "text": text})


if __name__ == "__main__":
    main(*sys.argv[1:])
