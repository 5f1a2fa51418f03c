"""dbt, started in half the time: `python start.py build ...` is `dbt build ...`.

At its import dbt generates code for hundreds of classes, of which a command on one model needs a few; its library can
do that when a class is first used. A DAG with a process for each model pays that import forty times a day.
"""

import sys

from dbt import dataclass_schema

dataclass_schema.dbtMashConfig.lazy_compilation = True

from dbt.cli.main import cli  # noqa: E402 - this import is the one that is to find the setting

if __name__ == "__main__":
    sys.exit(cli())
