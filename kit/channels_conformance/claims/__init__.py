"""What is claimed: the catalogue of claims, a TOML file a chapter, and its loader."""

from channels_conformance.claims.catalogue import (
    Catalogue,
    Chapter,
    Claim,
    Deviation,
    Level,
    Scope,
    Study,
    load,
)
from channels_conformance.claims.facts import Fact
from channels_conformance.claims.notes import Notes, NotesVerdict, Statement
from channels_conformance.claims.reading import LANGUAGES, CatalogueError, Language, Text

__all__ = [
    "LANGUAGES",
    "Catalogue",
    "CatalogueError",
    "Chapter",
    "Claim",
    "Deviation",
    "Fact",
    "Language",
    "Level",
    "Notes",
    "NotesVerdict",
    "Scope",
    "Statement",
    "Study",
    "Text",
    "load",
]
