"""Small benchmarks: what the study notes say of speed and memory, and what the kit itself costs.

``python -m tests.bench [NAME...] [--json FILE]``. Nothing here is a verdict: absolute figures belong to the machine, so
what is compared is measured in turns, round by round of one run, and told as a ratio with its spread.
"""
