"""End with the process that started this one.

A task of Airflow that is killed without a word leaves its dbt behind, which would go on beside the dbt of the next try
and build the same tables.
"""

import contextlib
import ctypes
import os
import signal

# prctl(2) of Linux: the signal that this process gets when its parent dies.
PR_SET_PDEATHSIG = 1


def end_with_parent():
    """Interrupt this process when its parent dies, as Ctrl-C does: dbt then cancels its queries. Only Linux can."""
    parent = os.getppid()
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:
            raise KeyboardInterrupt
