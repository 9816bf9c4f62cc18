"""Whether a Docker engine answers here, asked without leaving anything behind."""

from __future__ import annotations

import contextlib

from channels_conformance.services.containers import may_have_engine


def engine_answers(*, image: str = "") -> bool:
    """Return whether an engine answers, and has an image, which is not to be pulled for a test."""
    if not may_have_engine():  # Docker's SDK leaks a socket where none answers
        return False
    import docker  # type: ignore[import-untyped]
    import docker.errors  # type: ignore[import-untyped]

    try:
        with contextlib.closing(docker.from_env(timeout=2)) as client:
            return bool(client.images.get(image) if image else client.ping())
    except docker.errors.DockerException:
        return False
