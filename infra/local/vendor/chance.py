"""Chance that depends on nothing but a name and a number.

A property of a row that is drawn this way stays the same in every dump, whatever else happens in the simulation.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeVar

_MASK = (1 << 64) - 1
T = TypeVar("T")


class Lot:
    """A family of draws, one for every whole number."""

    __slots__ = ("_salt",)

    def __init__(self, name: str) -> None:
        self._salt = zlib.crc32(name.encode()) * 0x9E3779B97F4A7C15 & _MASK

    def number(self, key: int) -> int:
        """Return 32 even bits for `key`."""
        mixed = ((key + 1) * 0xD1342543DE82EF95 + self._salt) & _MASK
        mixed = ((mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93) & _MASK
        return (mixed ^ (mixed >> 29)) & 0xFFFFFFFF

    def share(self, key: int) -> float:
        """Return a number in [0, 1) for `key`."""
        return self.number(key) / 4294967296

    def hits(self, key: int, probability: float) -> bool:
        """Return True for the given share of all keys."""
        return self.share(key) < probability

    def pick(self, key: int, options: Sequence[T]) -> T:
        """Return one of `options`, all equally likely."""
        return options[self.number(key) % len(options)]

    def between(self, key: int, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + self.number(key) % (high - low + 1)
