"""The manifest that the dump host publishes after it has verified a dump."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from uuid import UUID

from infra.local.vendor.clock import JST_SECONDS, instant_text
from infra.local.vendor.core_rows import CoreRows
from infra.local.vendor.dump_writer import HOST, SCHEMA
from infra.local.vendor.output import Output

# Tables whose newest `updated_at` is recorded.
TABLES = ("movings", "tenants", "rooms", "inquiries", "apartments")


def manifest_path(directory: Path, target: date) -> Path:
    """Return where the manifest of a date lies below the output directory."""
    return directory / "dumps-manifest" / f"gghouse_{target:%Y%m%d}.json"


def write_manifest(directory: Path, target: date, dump: Output, core: CoreRows) -> Path:
    """Write the manifest of a finished dump and return its path."""
    newest = {
        table: instant_text(core.max_updated_at(table), JST_SECONDS).replace(" ", "T") + "+09:00" for table in TABLES
    }
    content = {
        "run_id": str(UUID(hex=dump.sha256[:32])),
        "generated_at": f"{target.isoformat()}T05:44:30+09:00",
        "dump_date": target.isoformat(),
        "dump_key": f"dumps/{dump.path.name}",
        "dump_sha256": dump.sha256,
        "dump_size_bytes": dump.size,
        "source_host": HOST,
        "source_database": SCHEMA,
        "source_port": 3306,
        "source_valid": True,
        "valid_for_etl": True,
        "max_updated_at_by_table": newest,
        "source_table_max_updated_at": newest,
    }
    path = manifest_path(directory, target)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path
