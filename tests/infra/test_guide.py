"""The guide names files, variables and versions that are there, and a price that adds up."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import get_session

PROJECT = Path(__file__).resolve().parents[2]
GUIDE = PROJECT / "infra" / "README.md"
MOVING = PROJECT / "infra" / "migration" / "README.md"
TEXT = GUIDE.read_text(encoding="utf-8")
CODE = re.findall(r"```.*?```|`[^`\n]+(?:\n[^`\n]+)?`", TEXT, re.DOTALL)
"""Blocks and spans."""


def in_code(pattern: str) -> set[str]:
    """Return what the pattern's group finds in blocks and spans; nothing found proves nothing."""
    found = {match for code in CODE for match in re.findall(pattern, code)}
    assert found, f"the guide has nothing like {pattern}"
    return found


@pytest.fixture(scope="module")
def code_tar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the page about moving ships to a shell in the VPC, unpacked."""
    (names,) = re.findall(r"git archive HEAD (.*?) \|", MOVING.read_text(encoding="utf-8"))
    directory = tmp_path_factory.mktemp("code")
    for name in names.split():
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        copy(PROJECT / name, directory / name)
    return directory


def test_what_is_shipped_is_enough_for_the_comparison(code_tar: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "infra", "compare", "--help"],
        cwd=code_tar,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_the_comparison_needs_python_and_pymysql_only(code_tar: Path) -> None:
    """A shell inside the VPC has neither Airflow nor the C driver."""
    script = (
        "import sys\nfor name in ('airflow', 'MySQLdb', 'boto3', 'yaml'): sys.modules[name] = None\n"
        "from infra.migration.renamed import new_names\nassert new_names('new_contracts')\n"
        "from infra.migration.__main__ import main\nsys.exit(main(['--help']))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=code_tar, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Exit code: 0 equal" in done.stdout


def test_every_file_exists() -> None:
    for name in in_code(r"(?<![\w/.])((?:infra|include|dbt|tests|\.astro)/[\w./-]+)"):
        made = ("platform.json", "terraform.tfvars", "backend.tf")
        assert name.endswith(made) or (PROJECT / name).exists(), name


def test_every_variable_and_output_of_terraform_exists() -> None:
    declared = "\n".join(file.read_text() for file in (PROJECT / "infra").rglob("*.tf"))
    names = ["access", "account_id", "airflow_url", "airflow_version", "alert_emails", "data_bucket"]
    names += ["deploy_role_arn", "dump_host", "dump_writer_role_arns", "engine_version", "monthly_budget_usd"]
    names += [
        "people",
        "protected",
        "quicksight_dashboards",
        "quicksight_enabled",
        "quicksight_invitations",
        "quicksight_profiles",
        "quicksight_subscription",
        "rotation_enabled",
        "role_arns",
        "state_bucket",
        "trail_bucket",
        "webserver_access_mode",
    ]
    for name in names:
        assert name in TEXT, f"{name} is not in the guide any more; take it off this list"
        assert re.search(rf'(variable|output) "{name}"|^\s+{name}\s+= optional', declared, re.MULTILINE), name


def test_every_dag_and_secret_is_named_as_in_the_code() -> None:
    for dag in in_code(r"\b((?:gghouse|recover)_[a-z_]+)\b"):
        assert (PROJECT / "dags" / f"{dag}.py").is_file(), dag
    secrets = (PROJECT / "infra" / "modules" / "secrets" / "main.tf").read_text()
    for name in ("aurora_loader", "aurora_restore", "aurora_dbt", "aurora_bi"):
        assert name in TEXT
        assert f"/{name}" in secrets


def test_quicksight_knows_the_commands_that_terraform_puts_together() -> None:
    """Those that Terraform puts together; test_guide_commands.py has those that are written."""
    api = get_session().get_service_model("quicksight")
    operations = {xform_name(name, "-"): api.operation_model(name) for name in api.operation_names}
    outputs = (PROJECT / "infra" / "modules" / "quicksight" / "outputs.tf").read_text()
    module = (PROJECT / "infra" / "modules" / "quicksight" / "dashboards.tf").read_text()
    (assignment,) = re.findall(r'assignment = "(.*)"', module)
    made = re.findall(r'"(update-\S+ .*?)"', outputs.replace("${local.assignment}", assignment))
    assert len(made) == 2
    for command in made:
        name, options = command.split()[0], set(re.findall(r"--(?:no-)?([a-z-]+)", command)) - {"query"}
        shape = operations[name].input_shape
        assert shape is not None
        assert options <= {xform_name(member, "-") for member in shape.members}, command
        assert {xform_name(member, "-") for member in shape.required_members} <= options, command


def test_versions_are_those_of_the_code() -> None:
    read = [
        "infra/modules/mwaa/variables.tf",
        "infra/modules/aurora/variables.tf",
        "requirements.txt",
        "infra/environments/dev/versions.tf",
    ]
    code = "\n".join((PROJECT / name).read_text() for name in read)
    text = TEXT.replace("127.0.0.1", "loopback")
    for version in set(re.findall(r"(?<![\w.])\d+\.\d+\.(?:mysql_aurora\.)?\d+(?:\.\d+)*(?![\w.]\d)", text)):
        assert version in code, version
    assert '">= 1.11"' in code
    assert "Terraform 1.11" in TEXT
    default = re.search(r'variable "airflow_version" \{.*?default\s+= "([^"]+)"', code, re.DOTALL)
    assert default
    assert f"`airflow_version` ({default[1]};" in TEXT


def test_the_airflow_version_has_one_value_in_both_modules() -> None:
    """The guide says where it stands; the two defaults must not part."""
    defaults = {
        re.search(
            r'variable "airflow_version" \{.*?default\s+= "([^"]+)"',
            (PROJECT / "infra" / "modules" / module / "variables.tf").read_text(),
            re.DOTALL,
        )[1]  # type: ignore[index]
        for module in ("mwaa", "platform")
    }
    assert len(defaults) == 1


def test_the_price_adds_up_and_is_the_one_of_the_environments() -> None:
    rows = [
        line.split("|")[1:4]
        for line in TEXT.split("| item | dev | prod | cheaper | price from |")[1].split("\n\n")[0].splitlines()[2:]
    ]
    *items, total = [[cell.strip(" *") for cell in row] for row in rows]
    for column, environment in ((1, "dev"), (2, "prod")):
        assert sum(int(item[column] or 0) for item in items) == int(total[column])
        header = (PROJECT / "infra" / "environments" / environment / "main.tf").read_text().splitlines()[0]
        about = re.search(r"about (\d+) USD", header)
        assert about
        assert abs(int(about[1]) - int(total[column])) <= 5
    mwaa = [int(cell) for cell in items[0][1:]]
    assert f"without it this is {int(total[1]) - mwaa[0]} and {int(total[2]) - mwaa[1]}" in TEXT


def test_it_stays_short() -> None:
    lines = TEXT.splitlines()
    assert len(lines) <= 300
    assert [line for line in lines if len(line) > 120 and not line.startswith("|")] == []
