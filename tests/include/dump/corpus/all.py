"""The whole corpus: importing its modules is what fills it."""

from __future__ import annotations

from tests.include.dump.corpus import files, rows, settings, statements, tables
from tests.include.dump.corpus.case import CASES

MODULES = (files, rows, settings, statements, tables)

__all__ = ["CASES", "MODULES"]
