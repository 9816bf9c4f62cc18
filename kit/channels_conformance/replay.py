"""Playing a failure again from the report alone: what each violated spec had drawn is kept in it."""

from __future__ import annotations

import json
import shlex
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from channels_conformance.report.html import ReportError, read
from channels_conformance.report.verdicts import Verdict
from channels_conformance.specfiles import command
from channels_conformance.traffic.stored import restore

FIXED, STILL, CANNOT = "FIXED", "STILL VIOLATED", "CANNOT REPLAY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What became of one spec that was found violated."""

    spec: str
    claims: tuple[str, ...]
    word: str  # FIXED, STILL VIOLATED or CANNOT REPLAY
    why: str = ""

    def line(self) -> str:
        """Return it as a line."""
        name = self.spec.rpartition("::")[2]
        return f"{self.word:<14}  {', '.join(self.claims)}  {name}" + (f": {self.why}" if self.why else "")


def stored(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return what each violated spec of a report had drawn; raise :class:`ReportError` where it cannot be read."""
    found = {}
    for spec in read(path)["specs"]:
        if spec["verdict"] == Verdict.VIOLATED and "" not in spec["drawn"]:
            try:
                found[spec["spec"]] = {name: restore(value) for name, value in spec["drawn"].items()}
            except ValueError as error:
                raise ReportError(f"{path}: what {spec['spec']} had drawn cannot be read: {error}.") from None
    return found


def replay(path: Path, claim: str = "", *, subject: str = "", options: Sequence[str] = ()) -> list[Replayed]:
    """Play again what a report holds as violated, all of it or one claim's, on the subject as it is now.

    ``subject`` is where that is: by default where the report says, or this folder where that is no more. Raises
    :class:`ReportError` where the report holds nothing violated, or nothing of that claim.
    """
    report = read(path)
    broken = [spec for spec in report["specs"] if spec["verdict"] == Verdict.VIOLATED]
    broken = [spec for spec in broken if not claim or claim in spec["claims"]]
    if not broken:
        raise ReportError(
            f"{path} holds nothing violated{f' of {claim}' if claim else ''}: there is nothing to replay."
        )
    words = ["-q", "--replay", str(path)]
    words += [*how([spec["repeat"] for spec in broken], subject=subject, root=_root(report)), *options]
    for claim_id in dict.fromkeys(claim_id for spec in broken for claim_id in spec["claims"]):
        words += ["--claim", claim_id]
    with tempfile.TemporaryDirectory(prefix="channels-replay-") as folder:
        written = Path(folder) / "report.json"
        judging = command([*words, "--json", str(written)])
        done = subprocess.run(judging, capture_output=True, text=True, check=False)  # noqa: S603 -- a command of ours
        if not written.is_file():
            said = [line for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.startswith("ERROR: ")]
            why = said[0].removeprefix("ERROR: ") if said else "the run ended before it judged anything"
            return [_told(spec, CANNOT, why) for spec in broken]
        now = {spec["spec"]: spec for spec in json.loads(written.read_text(encoding="utf-8"))["specs"]}
    return [_became(spec, now.get(spec["spec"])) for spec in broken]


def _became(before: Mapping[str, Any], now: Mapping[str, Any] | None) -> Replayed:
    if why := before["drawn"].get("", ""):
        return _told(before, CANNOT, why)
    if now is None:
        return _told(before, CANNOT, "no spec of that name judged the subject: the specs or the profile have changed")
    if now["verdict"] in (Verdict.HOLDS, Verdict.KNOWN):
        return _told(before, FIXED, now["reason"])
    if now["verdict"] == Verdict.VIOLATED:
        return _told(before, STILL, next((finding["sentence"] for finding in now["findings"]), ""))
    return _told(before, CANNOT, now["reason"])


def _told(spec: Mapping[str, Any], word: str, why: str = "") -> Replayed:
    return Replayed(spec=spec["spec"], claims=tuple(spec["claims"]), word=word, why=why)


def _root(report: Mapping[str, Any]) -> str:
    root = report["facts"]["root"]
    return root if Path(root).is_dir() else "."


def how(repeats: Iterable[str], *, subject: str, root: str) -> list[str]:
    """Return the options that play specs again which a report says how to repeat: their servers, workers and layers.

    ``subject`` is where the project is, if anybody said so; ``root`` where it is otherwise. A planted fault is planted
    again, but not into a project that was named: whoever names one wants to know about that.
    """
    told: dict[tuple[str, str], None] = {}
    for repeat in repeats:
        words = shlex.split(repeat)[2:]
        told |= dict.fromkeys(zip(words[::2], words[1::2], strict=True))
    of_ours = ("--subject", "reference") in told and root == "."
    planted = not subject and any(option == "--fault" for option, _ in told)
    left_out = {"--subject", "--claim", "--examples"} | (set() if planted else {"--fault"})
    kept = [pair for pair in told if pair[0] not in left_out]
    where = subject or ("reference" if planted or of_ours else root)
    return ["--subject", where, *(word for pair in kept for word in pair)]
