"""A small company at the end of February 2026, and its rent roll with planted differences."""

from __future__ import annotations

from datetime import date

import pytest

from infra.local.vendor import SCALES
from infra.local.vendor.generator import DEFAULT_SEED
from infra.local.vendor.rent_roll import Planted, plant
from infra.local.vendor.simulation import Simulation

AS_OF = date(2026, 2, 28)


@pytest.fixture(scope="session")
def planted() -> Planted:
    simulation = Simulation(SCALES["small"], DEFAULT_SEED)
    simulation.run(AS_OF.toordinal())
    return plant(simulation)
