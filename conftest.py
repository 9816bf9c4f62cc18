"""What the kit's own tests need; specs get all they need from the installed plugin."""

from __future__ import annotations

import hypothesis

pytest_plugins = ["pytester"]

# Hypothesis would fail a test for an example that takes longer than 200 ms, as any may on a busy machine.
hypothesis.settings.register_profile(
    "kit", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("kit")
