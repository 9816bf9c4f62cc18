"""The kill matrix: every spec on every planted fault. ``python -m tests.kills`` plays it; ``nox -s kills`` does."""
