"""The real startup.sh on a made-up worker: real bash, timeout, venv and pip; of AWS, sudo and dnf only stand-ins.

The worker's PATH holds nothing but what the script may use, so that a client program of this machine does not help it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from include.preflight.checks import CheckFailed, startup
from infra.bundle import PROJECT, with_folder

PROGRAMS = (
    "bash",
    "cat",
    "chmod",
    "cp",
    "date",
    "dirname",
    "env",
    "grep",
    "mkdir",
    "mktemp",
    "rm",
    "sed",
    "sha256sum",
    "sleep",
    "tail",
    "tee",
    "timeout",
    "uname",
)
PYTHON = PROJECT / ".venv-uv" / "bin" / "python"
"""The one environment of a checkout that has pip, as the Python of MWAA's image has."""
AWS = """#!/bin/bash
echo "$*" >> "$HOME/aws.log"
[[ -e $HOME/slow ]] && sleep 30
from=$HOME/bucket/${5#s3://code/}
[[ -d $from ]] || { echo "fatal error: An error occurred (404) when calling the HeadObject operation" >&2; exit 1; }
mkdir -p "$6" && cp "$from"* "$6"
"""
DNF = """#!/bin/bash
echo "$*" >> "$HOME/dnf.log"
[[ -e $HOME/no-repository ]] && { echo "Error: Failed to download metadata for repo 'amazonlinux'" >&2; exit 1; }
echo 'echo "mysql from 11.4.3-MariaDB"' > "$HOME/bin/mysql" && chmod +x "$HOME/bin/mysql"
"""


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@dataclass
class Worker:
    """A worker's home, with the bucket of the code beside it."""

    home: Path
    script: str

    def ship(self, name: str, folder: Path, list_name: str) -> Path:
        """Do what the bundle and the deploy do with a folder; return where it lies in the bucket."""
        self.script = with_folder(self.script, name, folder, list_name, self.home / "bucket")
        (lies,) = (self.home / "bucket" / name).iterdir()
        return lies

    def start(self, component: str = "worker", **variables: str) -> dict[str, str]:
        """Start it as MWAA does; return the variables that MWAA would read afterwards."""
        (self.home / "startup.sh").write_text(self.script)
        environment = {
            "PATH": str(self.home / "bin"),
            "HOME": str(self.home),
            "AIRFLOW_HOME": str(self.home),
            "MWAA_AIRFLOW_COMPONENT": component,
            "AIRFLOW__GGHOUSE__CODE_BUCKET": "code",
            "PIP_USER": "true",  # as MWAA sets it
        }
        done = subprocess.run(
            ["bash", "-ec", 'source "$HOME/startup.sh"; env -0 > "$HOME/variables"'],
            env=environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"MWAA would not start: {done.stdout}{done.stderr}"
        assert not done.stderr
        return dict(each.split("=", 1) for each in (self.home / "variables").read_text().split("\0") if each)

    @property
    def report(self) -> Path:
        return self.home / "startup_report"

    def lines(self) -> dict[str, tuple[str, str]]:
        """Return each step's result and sentence."""
        rows = [line.split("\t") for line in self.report.read_text().splitlines() if not line.startswith("\t")]
        return {name: (result, sentence) for name, result, _seconds, sentence in rows}

    def calls(self, of: str) -> list[str]:
        log = self.home / f"{of}.log"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    (tmp_path / "bin").mkdir()
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found, f"{name} is missing on this machine"
        (tmp_path / "bin" / name).symlink_to(found)
    program(tmp_path / "bin" / "python3", f'#!/bin/bash\nexec "{PYTHON}" "$@"\n')
    program(tmp_path / "bin" / "aws", AWS)
    program(tmp_path / "bin" / "dnf", DNF)
    program(tmp_path / "bin" / "sudo", '#!/bin/bash\nexec "$@"\n')
    return Worker(tmp_path, (PROJECT / "infra" / "bundle" / "startup.sh").read_text())


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A dbt of two lines, locked as the real one is."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel = folder / "dbt_core-1.7.20-py3-none-any.whl"
    info = "dbt_core-1.7.20.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("dbt.py", "def main():\n    print('usage: dbt')\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: dbt-core\nVersion: 1.7.20\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/entry_points.txt", "[console_scripts]\ndbt = dbt:main\n")
        archive.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "requirements.txt").write_text(f"dbt-core==1.7.20 --hash=sha256:{digest}\n")
    return folder


@pytest.fixture
def rpms(tmp_path: Path) -> Path:
    """Client packages for this machine's processor and for another one."""
    folder = tmp_path / "rpms"
    folder.mkdir()
    for name in (f"MariaDB-client.{os.uname().machine}.rpm", "MariaDB-client.vax.rpm"):
        (folder / name).write_text(name)
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def test_i38_a_worker_gets_dbt_from_the_bucket_and_the_client_once(worker: Worker, wheels: Path) -> None:
    worker.ship("wheels", wheels, "requirements.txt")
    variables = worker.start()
    dbt = Path(variables["AIRFLOW__GGHOUSE__DBT_EXECUTABLE"])
    assert dbt.read_bytes() == (PROJECT / "dbt" / dbt.name).read_bytes()
    (worker.home / "start.py").write_text("import dbt\ndbt.main()\n")
    started = subprocess.run([dbt, "--help"], cwd=worker.home, capture_output=True, text=True, check=True)
    assert started.stdout == "usage: dbt\n"
    assert variables["AIRFLOW__GGHOUSE__STARTUP_REPORT"] == str(worker.report)
    assert worker.lines()["dbt"] == ("ok", "dbt-core==1.7.20")
    assert worker.lines()["client"] == ("ok", "mysql from 11.4.3-MariaDB")
    assert startup(worker.report).endswith(": dbt-core==1.7.20; mysql from 11.4.3-MariaDB")
    assert len(worker.calls("aws")) == len(worker.calls("dnf")) == 1
    worker.start()
    assert worker.lines()["dbt"] == ("ok", "dbt-core==1.7.20"), "a second start finds what the first installed"
    assert len(worker.calls("aws")) == len(worker.calls("dnf")) == 1


Break = Callable[[Path], object]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        pytest.param(
            lambda lies: (lies / "dbt_core-1.7.20-py3-none-any.whl").open("ab").write(b"x"),
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
            id="another-wheel",
        ),
        pytest.param(
            lambda lies: (lies / "dbt_core-1.7.20-py3-none-any.whl").unlink(),
            "ERROR: Could not find a version that satisfies the requirement dbt-core==1.7.20",
            id="no-wheel",
        ),
        pytest.param(
            lambda lies: (lies / "requirements.txt").write_text("requests\n"),
            "requirements.txt: FAILED",
            id="another-list",
        ),
        pytest.param(shutil.rmtree, "fatal error: An error occurred (404)", id="no-folder"),
    ],
)
def test_what_is_not_as_it_was_shipped_is_reported_and_airflow_starts(
    worker: Worker, wheels: Path, broken: Break, says: str
) -> None:
    lies = worker.ship("wheels", wheels, "requirements.txt")
    broken(lies)
    variables = worker.start()
    assert variables["AIRFLOW__GGHOUSE__DBT_EXECUTABLE"]
    result, sentence = worker.lines()["dbt"]
    assert (result, sentence[: len(says)]) == ("failed", says)
    assert worker.lines()["client"][0] == "ok", "one failure does not take the other along"
    with pytest.raises(CheckFailed, match=r"startup\.sh could not install dbt on this worker: ") as told:
        startup(worker.report)
    assert says in str(told.value)


def test_a_start_mends_what_the_one_before_left_half_done(worker: Worker, wheels: Path) -> None:
    worker.ship("wheels", wheels, "requirements.txt")
    (worker.home / "dbt_venv" / "bin").mkdir(parents=True)
    (worker.home / "dbt_venv" / "bin" / "dbt").write_text("half a program")
    worker.start()
    assert worker.lines()["dbt"] == ("ok", "dbt-core==1.7.20")


def test_the_way_out_is_taken_before_mwaa_kills(worker: Worker, wheels: Path) -> None:
    worker.ship("wheels", wheels, "requirements.txt")
    (worker.home / "slow").touch()
    worker.start(GGHOUSE_STARTUP_SECONDS="1")
    assert re.fullmatch(r"given up after [12] s", worker.lines()["dbt"][1])
    assert worker.lines()["end"][0] == "ok"
    assert "limit=${GGHOUSE_STARTUP_SECONDS:-240}" in worker.script, (
        "two killed steps take up to ten seconds more, and MWAA's limit is 295"
    )


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({}, "the bundle was built without dbt's wheels"),
        ({"AIRFLOW__GGHOUSE__CODE_BUCKET": ""}, "AIRFLOW__GGHOUSE__CODE_BUCKET is empty"),
    ],
)
def test_what_was_not_configured_is_named(worker: Worker, wheels: Path, variables: dict[str, str], says: str) -> None:
    if variables:
        worker.ship("wheels", wheels, "requirements.txt")
    worker.start(**variables)
    assert worker.lines()["dbt"][1].startswith(says)


@pytest.mark.parametrize("component", ["scheduler", "webserver", ""])
def test_other_components_only_get_the_variables(worker: Worker, component: str) -> None:
    variables = worker.start(component)
    assert variables["AIRFLOW__COSMOS__ENABLE_TELEMETRY"] == "False"
    assert worker.lines()["dbt"][0] == "skipped"
    assert not worker.calls("aws")
    assert not worker.calls("dnf")


def test_the_hybrid_of_an_mw1_micro_runs_tasks_too(worker: Worker) -> None:
    worker.start("hybrid")
    assert {"dbt", "client"} <= worker.lines().keys()


def test_client_packages_of_the_bundle_need_no_repository(worker: Worker, rpms: Path) -> None:
    worker.ship("client", rpms, "SHA256SUMS")
    worker.start()
    assert worker.lines()["client"] == ("ok", "mysql from 11.4.3-MariaDB")
    package = f"./MariaDB-client.{os.uname().machine}.rpm"
    assert worker.calls("dnf") == [f"install --assumeyes --quiet --disablerepo=* {package}"]


def test_an_altered_client_package_is_not_installed(worker: Worker, rpms: Path) -> None:
    lies = worker.ship("client", rpms, "SHA256SUMS")
    (lies / "MariaDB-client.vax.rpm").write_text("something else")
    worker.start()
    assert worker.lines()["client"] == ("failed", "MariaDB-client.vax.rpm: FAILED")
    assert not worker.calls("dnf")


def test_no_client_anywhere_is_reported_with_the_reason(worker: Worker) -> None:
    (worker.home / "no-repository").touch()
    worker.start()
    assert worker.lines()["client"] == ("failed", "Error: Failed to download metadata for repo 'amazonlinux'")


def test_a_client_that_is_there_is_left_alone(worker: Worker) -> None:
    program(worker.home / "bin" / "mariadb", "#!/bin/bash\necho mariadb from 11.8\n")
    worker.start()
    assert worker.lines()["client"] == ("ok", "mariadb from 11.8")
    assert not worker.calls("dnf")
