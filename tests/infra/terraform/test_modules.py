"""What the modules promise to the code that runs on them."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from include.settings import Settings
from infra.check.terraform import INFRA

MODULES = sorted(path for path in (INFRA / "modules").iterdir() if path.is_dir())
BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)


def test_every_airflow_option_is_a_setting_that_the_code_reads() -> None:
    options = set(re.findall(r'"gghouse\.(\w+)"', (INFRA / "modules" / "mwaa" / "main.tf").read_text()))
    known = {field.name for field in fields(Settings)}
    startup = (INFRA / "bundle" / "startup.sh").read_text()
    assert options <= known | {name.lower() for name in re.findall(r"AIRFLOW__GGHOUSE__([A-Z_]+)", startup)}
    assert {field.name for field in fields(Settings) if field.name in ("bucket", "alert_topic_arn")} <= options


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_every_variable_and_output_is_described_and_typed(module) -> None:
    for file in ("variables.tf", "outputs.tf"):
        for kind, name, body in BLOCK.findall((module / file).read_text()):
            assert re.search(r"^  description = \S", body, re.MULTILINE), f"{module.name}: {kind} {name}"
            assert kind == "output" or re.search(r"^  type +=", body, re.MULTILINE), f"{module.name}: {kind} {name}"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_every_module_pins_the_provider_and_has_tests(module) -> None:
    assert '"~> 5.100"' in (module / "versions.tf").read_text()
    assert (module / "tests" / f"{module.name}.tftest.hcl").is_file()


def test_a_secret_for_rotation_is_an_airflow_connection_too() -> None:
    from airflow.providers.amazon.aws.secrets.secrets_manager import SecretsManagerBackend

    source = (INFRA / "modules" / "secrets" / "main.tf").read_text()
    keys = re.findall(r"^    (\w+) +=", source.split("jsonencode({")[1].split("})")[0], re.MULTILINE)
    connection = SecretsManagerBackend()._standardize_secret_keys({key: key for key in keys})
    assert connection == {
        "conn_type": "engine",
        "host": "host",
        "port": "port",
        "login": "username",
        "password": "password",
        "schema": None,
        "extra": "extra",
    }


def test_every_skip_of_the_scanner_has_its_reason() -> None:
    for file in INFRA.rglob("*.tf"):
        for skip in re.findall(r"#checkov:skip=(.*)", file.read_text()):
            assert re.fullmatch(r"CKV2?_AWS_\d+:\S.*", skip), f"{file.name}: {skip}"


def test_environments_hold_calls_and_values_only() -> None:
    for file in (INFRA / "environments").rglob("*.tf"):
        assert not re.search(r'^(resource|data) "', file.read_text(), re.MULTILINE), file


def test_i15_every_login_leads_to_the_one_cluster() -> None:
    platform = (INFRA / "modules" / "platform" / "main.tf").read_text()
    assert platform.count('source = "../aurora"') == 1
    hosts = re.findall(r"^ +host +=\s*(\S+)", platform, re.MULTILINE)
    assert hosts == ["module.aurora.endpoint", "module.aurora.reader_endpoint"]  # loader and dbt; QuickSight


def test_i15_no_code_names_a_server() -> None:
    project = INFRA.parent
    shipped = [
        file
        for folder in ("dags", "include", "plugins", "dbt/macros", "dbt/models")
        for file in (project / folder).rglob("*.*")
        if file.suffix in (".py", ".sql", ".yml") and "local" not in file.relative_to(project).parts
    ]
    name = re.compile(
        r"rds\.amazonaws|\bhost\s*[=:]\s*[\"'][\w.-]+[\"']|(?<![\d.])(?!127\.0\.0\.1)\d+(\.\d+){3}(?![\d.])"
    )
    named = {file.name: found[0] for file in shipped if (found := name.search(file.read_text()))}
    assert not named, "servers are known to the connections in the secrets backend only"


def test_i32_what_a_release_overwrote_can_be_had_again() -> None:
    storage = (INFRA / "modules" / "storage" / "main.tf").read_text()
    versioned = re.search(r'resource "aws_s3_bucket_versioning" "\w+" \{(.*?)^\}', storage, re.MULTILINE | re.DOTALL)
    assert versioned
    assert 'status = "Enabled"' in versioned[1]
    for file in [*INFRA.rglob("*.py"), *INFRA.rglob("*.sh"), *INFRA.parent.glob("Makefile")]:
        assert not re.search(r"s3 sync.*--delete|s3 rm", file.read_text()), f"{file.name} would delete what it lacks"


def test_i40_hours_of_aws_are_told_in_utc_and_in_tokyo() -> None:
    aurora = (INFRA / "modules" / "aurora" / "main.tf").read_text()
    assert re.search(r"# 12:00 to 14:00 JST.*\n.*\n +preferred_backup_window += \"03:00-04:00\"", aurora)
    for file in INFRA.rglob("*.tf"):
        if (text := file.read_text()).count("schedule_expression "):
            assert "schedule_expression_timezone" in text, f"{file.name}: a schedule without a time zone is one of UTC"
