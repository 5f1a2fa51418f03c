"""The dumps are real: the server's own client program loads them."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from infra.local.vendor import quirks

ROW = re.compile(r"\((?:[^'()]|'(?:[^'\\]|\\.)*')*\)")


STRICT = b"SET sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';\nSET time_zone='+00:00';\n"


def load(database, path):
    """Feed a dump, without the rows that come twice, to the client in strict mode; any complaint is a failure."""
    program = shutil.which("mysql") or shutil.which("mariadb")
    lines = [
        once(line) if line.startswith(REPEATING) else line
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
    ]
    done = subprocess.run(
        [program, "--no-defaults", "-h127.0.0.1", f"-P{database.port}", "-uroot", "--default-character-set=utf8mb4"],
        input=STRICT + "".join(lines).replace("SQL_MODE='NO_AUTO_VALUE_ON_ZERO'", "SQL_MODE=@@SQL_MODE").encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]


REPEATING = tuple(f"INSERT INTO `{name}`" for name in quirks.REPEATED)


def once(statement):
    opening, _, rows = statement.partition("VALUES ")
    return f"{opening}VALUES {','.join(dict.fromkeys(ROW.findall(rows)))};\n"


@pytest.mark.parametrize(
    "options", [{"layout": "classic"}, {"layout": "compact", "routines": True}], ids=["classic", "compact"]
)
def test_dump_loads_into_a_real_server(database, make, options):
    made = make(**options)
    with database.admin.connect() as connection, connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS basis")
        load(database, made.dump)
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'basis'")
        names = [name for (name,) in cursor.fetchall()]
        assert len(names) == 81
        counts = {}
        for name in names:
            cursor.execute(f"SELECT COUNT(*) FROM basis.`{name}`")
            counts[name] = cursor.fetchone()[0]
        assert counts == made.rows
        cursor.execute("SELECT full_name FROM basis.tenants WHERE full_name LIKE %s", ("O'%",))
        assert all(name.startswith("O'") and "; -- " in name for (name,) in cursor.fetchall())
        cursor.execute("SELECT COUNT(*) FROM basis.payments WHERE remarks LIKE '%%\n-- not a statement'")
        assert cursor.fetchone()[0] > 0
        cursor.execute("SELECT COUNT(*) FROM basis.movings WHERE CAST(moveout_plans_date AS CHAR) = '0000-00-00'")
        assert cursor.fetchone()[0] > 0
        cursor.execute("DROP DATABASE basis")
