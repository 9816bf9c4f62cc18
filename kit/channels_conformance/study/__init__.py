"""Planted faults as exercises: what a student has begun, what is asked for, and what was found.

>>> workbook = Workbook.open(Path.cwd())
>>> workbook.start("forgets_group_discard")
"""

from channels_conformance.study.exercise import Exercise, exercises
from channels_conformance.study.workbook import StudyError, Workbook

__all__ = ["Exercise", "StudyError", "Workbook", "exercises"]
