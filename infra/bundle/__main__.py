"""Command line: `python -m infra bundle [--airflow 3.2.1] [--out build/mwaa] [--client folder-of-rpms]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from infra.bundle import PROJECT, BundleError, build
from infra.bundle.mwaa import shipped_lock, supported
from infra.bundle.revision import revision
from infra.bundle.wheels import WheelError, fetch


def main() -> int:
    """Build the bundle; return 1 with one sentence when it cannot be built."""
    parser = argparse.ArgumentParser(prog="python -m infra bundle", description="Build what Amazon MWAA gets.")
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "mwaa", help="folder to make (emptied first)")
    parser.add_argument("--dbt", type=Path, default=PROJECT / ".venv-dbt" / "bin" / "dbt", help="the dbt program")
    versions = supported(PROJECT)
    parser.add_argument("--airflow", choices=versions, default=versions[0], help="the environment's version of Airflow")
    parser.add_argument("--client", type=Path, help="folder with a mysql client's rpm files and their SHA256SUMS")
    options = parser.parse_args()
    try:
        cache = PROJECT / "build" / "wheels"
        packages = fetch(shipped_lock(PROJECT, options.airflow), cache)
        wheels = fetch(PROJECT / "dbt" / "requirements.lock", cache)
        build(
            options.out,
            options.dbt,
            airflow=options.airflow,
            packages=packages,
            wheels=wheels,
            client=options.client,
        )
        commit = revision(PROJECT)
        (options.out / "REVISION").write_text(f"{commit}\n", encoding="utf-8")
    except (BundleError, WheelError) as error:
        print(error, file=sys.stderr)
        return 1
    files = [file for file in options.out.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files) / 1e6
    print(f"{options.out}: for Airflow {options.airflow}, {len(files)} files, {size:.1f} MB, from {commit}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
