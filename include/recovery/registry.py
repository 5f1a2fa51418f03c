"""All recoveries by name. This imports the loader and the database driver, so DAG files must not import it."""

from __future__ import annotations

from include.recovery.recover_baseline import RecoverBaseline
from include.recovery.recover_cluster import RecoverCluster
from include.recovery.recover_date import RecoverDate
from include.recovery.recover_generation import RecoverGeneration
from include.recovery.recover_history import RecoverHistory
from include.recovery.recover_kpi import RecoverKpi
from include.recovery.recover_leftovers import RecoverLeftovers
from include.recovery.recover_locks import RecoverLocks
from include.recovery.recover_range import RecoverRange
from include.recovery.recover_tables import RecoverTables
from include.recovery.recovery import Recovery

ALL: tuple[Recovery, ...] = (
    RecoverRange(),
    RecoverTables(),
    RecoverGeneration(),
    RecoverBaseline(),
    RecoverHistory(),
    RecoverKpi(),
    RecoverCluster(),
    RecoverLocks(),
    RecoverDate(),
    RecoverLeftovers(),
)
RECOVERIES = {recovery.form.name: recovery for recovery in ALL}
