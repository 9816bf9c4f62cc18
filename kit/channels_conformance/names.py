"""The names by which pytest and whoever types a command know us; a module of its own, for every pytest run reads it."""

from __future__ import annotations

from collections.abc import Mapping

MARK = "conformance"
"""The marker of a spec."""

SESSION = "conformance-session"
"""The plugin that judges a subject, in the runs that do."""

DEADLINE = 5.0
"""Seconds for which an answer is waited for, where no other are asked for."""

SHRINKING = 8.0
"""Seconds for which a smaller stream is looked for once one breaks a claim, where no other are asked for."""

IMPORT_DEADLINE = 30.0
"""Seconds that the import of a subject may take, where no other are asked for."""

IMPORTED = "CHANNELS_CONFORMANCE_IMPORTED"
"""The variable with the number of the process that has seen the subject imported, or sees to it."""

FORMATS: Mapping[str, str] = {
    "json": "write the verdicts as JSON",
    "html": "write the verdicts as one HTML page",
    "markdown": "write the verdicts as Markdown; on GitHub it becomes the job's summary by itself",
    "ctrf": "write the verdicts in the Common Test Report Format",
    "badge": "write an SVG badge",
    "histories": "write the histories of what is broken as NDJSON",
}
"""The options that name a file, and what each writes."""

EXAMPLES = 4
"""Streams that are played for each generated spec: as few as find every planted fault, for an answer in a minute."""
