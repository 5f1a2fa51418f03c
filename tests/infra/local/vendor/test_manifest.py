from __future__ import annotations

import hashlib
import json

from infra.local.vendor.schema import tables


def test_manifest_describes_the_file_beside_it(small):
    manifest = json.loads(small.manifest.read_text())
    assert small.manifest.name == "gghouse_20260302.json"
    assert manifest["dump_key"] == "dumps/gghouse_20260302.sql"
    assert manifest["dump_date"] == "2026-03-02"
    assert manifest["dump_size_bytes"] == small.dump.stat().st_size
    assert manifest["dump_sha256"] == hashlib.sha256(small.dump.read_bytes()).hexdigest()
    assert manifest["source_valid"] is manifest["valid_for_etl"] is True
    assert (manifest["source_database"], manifest["source_port"]) == ("basis", 3306)
    assert manifest["generated_at"].startswith("2026-03-02T05:")
    assert len(manifest["run_id"]) == 36
    assert "reason" not in manifest


def test_newest_updates_are_those_of_the_rows_in_jst(small, small_rows, parse):
    manifest = json.loads(small.manifest.read_text())
    newest = manifest["max_updated_at_by_table"]
    assert newest == manifest["source_table_max_updated_at"]
    assert set(newest) == {"movings", "tenants", "rooms", "inquiries", "apartments"}
    for name, stamp in newest.items():
        position = [column.name for column in tables()[name].columns].index("updated_at")
        utc = max(parse(row)[position] for row in small_rows[name])
        assert stamp.endswith("+09:00")
        jst_hour = (int(utc[11:13]) + 9) % 24
        assert stamp[11:19] == f"{jst_hour:02}{utc[13:]}"


def test_manifest_of_a_compressed_dump_names_the_compressed_file(make):
    made = make(compression="zst")
    manifest = json.loads(made.manifest.read_text())
    assert manifest["dump_key"] == "dumps/gghouse_20260302.sql.zst"
    assert manifest["dump_sha256"] == hashlib.sha256(made.dump.read_bytes()).hexdigest()
