"""What the modules promise to the code that runs on them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import fields
from pathlib import Path

import pytest

from include.settings import PREFIX, Settings
from infra.check.terraform import INFRA, Workspace, unavailable

MODULES = sorted(file.parent for file in (INFRA / "modules").rglob("variables.tf"))
BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)


MWAA = (INFRA / "modules" / "mwaa" / "main.tf").read_text()
STARTUP = (INFRA / "bundle" / "startup.sh").read_text()
FIELDS = {field.name for field in fields(Settings)}
# What an environment may set, name to pattern.
SETTABLE = dict(
    re.findall(r'^    (\w+) += "(.*)"$', re.search(r"^  settings = \{\n(.*?)^  \}", MWAA, re.M | re.S)[1], re.M)
)
# Settings that another one needs.
NEEDS = {"history_keep_days": {PREFIX + "HISTORY_PARQUET": "true"}}
# What makes no sense on AWS, with the reason; empty today.
LAPTOP_ONLY: dict[str, str] = {}


def test_every_setting_can_be_set_on_aws() -> None:
    fixed = set(re.findall(r'"gghouse\.(\w+)"', MWAA))
    exported = {name.lower() for name in re.findall(r"^export AIRFLOW__GGHOUSE__([A-Z_]+)=", STARTUP, re.MULTILINE)}
    read_by_startup = {name.lower() for name in re.findall(r"\$\{AIRFLOW__GGHOUSE__([A-Z_]+):", STARTUP)}
    assert fixed | set(SETTABLE) | exported | set(LAPTOP_ONLY) == FIELDS | read_by_startup
    assert not fixed & set(SETTABLE), "an environment must not overwrite what Terraform knows"


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("mwaa", ["settings", "openlineage_transport"]),
        ("secrets", ["rotation_enabled"]),
        ("platform", ["settings", "openlineage_transport", "rotation_enabled"]),
    ],
)
def test_settings_are_passed_on(module: str, names: list[str]) -> None:
    callers = [INFRA / "modules" / "platform" / "main.tf"]
    if module == "platform":
        callers = [INFRA / "environments" / name / "main.tf" for name in ("dev", "prod")]
    for caller in callers:
        (call,) = re.findall(rf'^module "{module}" \{{\n(.*?)^\}}', caller.read_text(), re.MULTILINE | re.DOTALL)
        for name in names:
            assert re.search(rf"^  {name} += var\.{name}$", call, re.MULTILINE), f"{caller}: {name}"


@pytest.mark.parametrize("name", sorted(SETTABLE))
def test_the_code_reads_every_value_that_the_module_accepts(name: str) -> None:
    samples = ["", "0", "1", "12", "400", "-1", "1.5", "true", "True", "false", "yes", "single", "per_table"]
    samples += ["connections", "program", "pms.example.com", "gg_house", "jp.anthropic.it-v1:0"]
    accepted = [text for text in samples if re.fullmatch(f"({SETTABLE[name]})?", text)]
    assert len(accepted) > 1, "only the empty value fits"
    others = NEEDS.get(name, {})
    read = {
        getattr(Settings.from_environment({PREFIX + name.upper(): text, **others}), name) for text in accepted if text
    }
    default = getattr(Settings.from_environment({}), name)
    assert read - {default}, "no accepted value changes the setting"


def test_the_guide_lists_every_setting() -> None:
    guide = (INFRA / "README.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| `?(.*?)`? \|", guide.split("## Settings")[1], re.MULTILINE)
    defaults = Settings.from_environment({})
    assert dict(rows) == {name: _written(getattr(defaults, name)) for name in SETTABLE}


def _written(value: object) -> str:
    if value in ("", None):
        return "none"
    return str(value).lower()


def test_the_environments_differ_in_name_only() -> None:
    for name in ("variables.tf", "versions.tf", "outputs.tf", "example.tfvars"):
        dev, prod = ((INFRA / "environments" / each / name).read_text() for each in ("dev", "prod"))
        assert dev.replace('"dev"', '"prod"').replace("-dev.", "-prod.") == prod, name


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
    secrets = (INFRA / "modules" / "secrets" / "main.tf").read_text()
    assert re.search(r"# On the first .* 13:00 to 15:00 JST(.*\n){3} +schedule_expression = \"cron\(0 4 1 ", secrets)
    monitoring = (INFRA / "modules" / "monitoring" / "main.tf").read_text()
    assert re.search(
        r"from 09:15 to 09:20 JST(.*\n)+?.*HOUR\(cpu\) == 0 && MINUTE\(cpu\) >= 15 && .* < 20,", monitoring
    )
    for file in INFRA.rglob("*.tf"):
        if (text := file.read_text()).count("schedule_expression ") and text != secrets:  # that one knows UTC only
            assert "schedule_expression_timezone" in text, f"{file.name}: a schedule without a time zone is one of UTC"


# What has to be there first, because AWS looks at it while it makes the resource, or would make it itself.
WAITS_FOR = {
    "module.mwaa.aws_mwaa_environment.this": {
        "module.mwaa.aws_cloudwatch_log_group.this",
        "module.mwaa.aws_iam_role_policy.execution",
        "module.networking.aws_route.internet",
        "module.networking.aws_route.nat",
        "module.networking.aws_route_table_association.private",
        "module.networking.aws_route_table_association.public",
        "module.networking.aws_vpc_endpoint.interface",
        "module.networking.aws_vpc_endpoint.s3",
        "module.networking.aws_vpc_security_group_egress_rule.https",
        "module.networking.aws_vpc_security_group_egress_rule.talk",
        "module.networking.aws_vpc_security_group_ingress_rule.operators",
        "module.networking.aws_vpc_security_group_ingress_rule.talk",
        "module.storage.aws_s3_bucket_policy.this",
        "module.storage.aws_s3_bucket_public_access_block.this",
        "module.storage.aws_s3_bucket_server_side_encryption_configuration.this",
        "module.storage.aws_s3_bucket_versioning.this",
    },
    "module.secrets.aws_secretsmanager_secret_rotation.this": {
        "module.networking.aws_vpc_security_group_ingress_rule.talk",
        "module.secrets.aws_secretsmanager_secret_version.first",
    },
    "module.secrets.aws_serverlessapplicationrepository_cloudformation_stack.rotation": {
        "module.secrets.aws_cloudwatch_log_group.rotation",
    },
    "module.aurora.aws_rds_cluster.this": {"module.aurora.aws_cloudwatch_log_group.this"},
    "module.aurora.aws_rds_cluster_instance.this": {"module.aurora.aws_iam_role_policy_attachment.monitoring"},
}


@pytest.mark.infra
def test_what_is_made_waits_for_what_it_needs(tmp_path: Path) -> None:
    if reason := unavailable():
        pytest.skip(reason)
    workspace = Workspace.copy(tmp_path)
    workspace.init("modules/platform")
    needs = defaultdict(set)
    graph = workspace.run("modules/platform", "graph", "-type=plan")
    for later, earlier in re.findall(r'"\[root\] ([^"]+)" -> "\[root\] ([^"]+)"', graph):
        needs[later].add(earlier)
    for resource, wanted in WAITS_FOR.items():
        reached, ahead = set(), {f"{resource} (expand)"}
        while ahead:
            reached |= ahead
            ahead = {earlier for later in ahead for earlier in needs[later]} - reached
        early = wanted - {node.removesuffix(" (expand)") for node in reached}
        assert early == set(), f"{resource} may be made before these"


SLACK = "airflow/connections/slack_alerts"


def test_the_slack_webhook_is_read_from_the_secret_as_the_module_says(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3
    from airflow.providers.amazon.aws.secrets.secrets_manager import SecretsManagerBackend
    from moto import mock_aws

    source = (INFRA / "modules" / "secrets" / "main.tf").read_text()
    assert f"--secret-id {SLACK} --secret-string file://slack.json" in source
    shape = re.search(r'^# with (\{"conn_type": .*?\})\.', source, re.MULTILINE)
    assert shape
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_aws():
        secrets = boto3.client("secretsmanager")
        secrets.create_secret(Name=SLACK)  # as Terraform leaves it
        backend = SecretsManagerBackend(connections_prefix="airflow/connections")
        assert backend.get_connection("slack_alerts") is None
        secrets.put_secret_value(SecretId=SLACK, SecretString=shape[1])
        connection = backend.get_connection("slack_alerts")
        assert connection is not None
        assert connection.password == "https://hooks.slack.com/services/..."
