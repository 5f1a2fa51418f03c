"""The whole corpus: importing its modules is what fills it."""

from __future__ import annotations

from importlib import import_module

from tests.include.dump.corpus.case import CASES

# The names of each module's cases.
NAMES: dict[str, list[str]] = {}

for _module in ("comments", "files", "rows", "settings", "statements", "tables"):
    _known = set(CASES)
    import_module(f"tests.include.dump.corpus.{_module}")
    NAMES[_module] = [name for name in CASES if name not in _known]

__all__ = ["CASES", "NAMES"]
