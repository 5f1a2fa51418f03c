"""dbt, started in half the time: `python start.py build ...` is `dbt build ...`.

At its import dbt generates code for hundreds of classes, of which a command on one model needs a few; its library can
do that when a class is first used. And Python looks for garbage again and again while a project is read, of which
there is hardly any. A DAG with a process for each model pays for both forty times a day.
"""

import gc
import sys

from dbt import dataclass_schema

dataclass_schema.dbtMashConfig.lazy_compilation = True
gc.set_threshold(100_000, 50, 100)

import connection  # noqa: E402
from dbt.cli.main import cli  # noqa: E402 - this import is the one that is to find the setting

if __name__ == "__main__":
    connection.install()
    sys.exit(cli())
