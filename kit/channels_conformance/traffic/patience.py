"""How long what must come is waited for in this process, until it is given up as lost. Never a proof of silence."""

from __future__ import annotations

from channels_conformance.names import DEADLINE

deadline = DEADLINE
"""Seconds, counted from the last thing that came: where much was said on a busy machine, all of it takes its time.

A run may be asked for others.
"""
