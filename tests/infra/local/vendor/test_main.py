from __future__ import annotations

import pytest

from infra.local.vendor.__main__ import main


def test_command_writes_the_layout_of_the_bucket_and_shows_progress(tmp_path, capsys):
    command = f"--scale small --date 2026-03-02 --out {tmp_path} --layout compact --compression gz --snapshots 2"
    assert main(command.split()) == 0
    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert written == [
        "dumps-manifest/gghouse_20260302.json",
        "dumps/gghouse_20260302.sql.gz",
        "snapshots/tenant_status/20260228.csv",
        "snapshots/tenant_status/20260301.csv",
    ]
    lines = capsys.readouterr().out.splitlines()
    assert "simulating small" in lines[0]
    assert "81 tables" in lines[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--date", "2026-02-30", "--out", "x"], "'2026-02-30' is not a calendar date; write it as YYYY-MM-DD"),
        (["--date", "2026-02-03", "--out", "x", "--snapshots", "few"], "'few' is neither a number of days nor 'all'"),
        (["--date", "2026-02-03"], "the following arguments are required: --out"),
    ],
)
def test_wrong_arguments_are_named(arguments, message, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_impossible_date_is_one_sentence(tmp_path, capsys):
    assert main(["--date", "2017-01-01", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("error: date 2017-01-01 cannot be simulated; choose one from")
