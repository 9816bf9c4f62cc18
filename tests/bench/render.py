"""What the report's page costs: twice the claims, the transcripts or the events are to cost twice as much at most."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from channels_conformance.claims import Catalogue, load
from channels_conformance.report import html
from tests.bench.rounds import Bench, Result, in_turns, ratio, spreads
from tests.report import written

LEAST_EVENTS = 20  # a conversation begins and ends with some


async def rendering(bench: Bench, *, rounds: int, size: int) -> Result:
    """Render pages of a quarter, half and all of so many claims, transcripts and events, one at a time and together."""
    catalogue = load()
    whole = {"claims": size, "transcripts": max(1, size // 10), "events": max(LEAST_EVENTS, size * 5 // 2)}
    parts = {"a quarter of": 4, "half of": 2}
    sizes = {"all": whole}
    for name, part in parts.items():
        less = {key: max(1, number // part) for key, number in whole.items()}
        sizes |= {f"{name} the {key}": whole | {key: less[key]} for key in whole}
        sizes[f"{name} claims and transcripts"] = less | {"events": whole["events"]}
    measures = {
        f"{name}, s": partial(_render, written.large(catalogue, **size), catalogue) for name, size in sizes.items()
    }
    await measures["all, s"]()  # what is made once is made
    values = await in_turns(measures, rounds=rounds)
    told = (*(f"the {key}" for key in whole), "claims and transcripts")
    return Result(
        name="rendering",
        title="a page of {claims} claims, {transcripts} transcripts of {events} events".format(**whole),
        statements=(),
        rounds=rounds,
        rows=spreads(values, "of one core"),
        ratios={
            f"{many} over {few} {key}": ratio(
                values, f"{many} {key}, s" if many != "all" else "all, s", f"{few} {key}, s"
            )
            for many, few in (("half of", "a quarter of"), ("all", "half of"))
            for key in told
        },
    )


async def _render(report: Mapping[str, Any], catalogue: Catalogue) -> float:
    began = time.process_time()  # what other processes do meanwhile is no cost of the page
    html.page([report], catalogue)
    return time.process_time() - began
