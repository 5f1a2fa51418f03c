"""The check goes red for each mistake that it is there to find, one at a time, in a copy of the source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.check import plan_rules
from infra.check.fake_aws import STATE_BUCKET, fake_aws
from infra.check.terraform import TerraformError, Workspace, unavailable
from infra.local.database import free_port

pytestmark = pytest.mark.infra


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A stand-in for AWS."""
    if reason := unavailable():
        pytest.skip(reason)
    with fake_aws(tmp_path_factory.mktemp("moto"), free_port()) as variables:
        yield variables


def mistaken(tmp_path: Path, login: dict[str, str], file: str, right: str, wrong: str) -> Workspace:
    workspace = Workspace.copy(tmp_path, login)
    source = workspace.infra / file
    assert source.read_text().count(right) == 1, f"{file} does not hold {right!r} exactly once"
    source.write_text(source.read_text().replace(right, wrong))
    return workspace


def test_a_misspelt_argument(tmp_path: Path, login: dict[str, str]) -> None:
    file, right = "modules/mwaa/main.tf", "webserver_access_mode = var"
    workspace = mistaken(tmp_path, login, file, right, "webserver_acess_mode = var")
    workspace.init("environments/prod", "-backend=false")
    with pytest.raises(TerraformError, match="Did you mean"):
        workspace.run("environments/prod", "validate", "-no-color")


@pytest.mark.parametrize(
    ("file", "right", "wrong", "says"),
    [
        (
            "modules/aurora/main.tf",
            "publicly_accessible        = false",
            "publicly_accessible        = true",
            "aws_rds_cluster_instance.this[0] is public",
        ),
        (
            "modules/mwaa/main.tf",
            'actions   = ["sns:Publish"]',
            'actions   = ["*"]',
            "statement Alerts allows *;",
        ),
        (
            "modules/monitoring/main.tf",
            'try(each.value.missing, "breaching")',
            '"missing"',
            'aws_cloudwatch_metric_alarm.this["published"] ignores missing data',
        ),
        (
            "environments/prod/versions.tf",
            '      Owner       = "data-platform"\n',
            "",
            "lacks the tag Owner",
        ),
        (
            "environments/prod/main.tf",
            "= true\n",
            "= false\n",
            "aws_rds_cluster.this can be deleted",
        ),
        (
            "modules/mwaa/main.tf",
            "  retention_in_days = 30\n  kms_key_id        = var.kms_key_arn\n",
            "  retention_in_days = 30\n",
            'module.mwaa.aws_cloudwatch_log_group.this["Task"] has no key of ours',
        ),
        (
            "modules/quicksight/main.tf",
            "name = input_columns.value.name",
            'name = "room_number"',
            "has the column room_number, which must stay in gold",
        ),
        (
            "modules/quicksight/dashboards.tf",
            "template_body = jsonencode({",
            "template_body = jsonencode({\n    Description = aws_quicksight_vpc_connection.this.arn",
            'aws_cloudformation_stack.profile["look"] hides its template',
        ),
    ],
    ids=[
        "public Aurora",
        "Action *",
        "alarm that ignores missing data",
        "missing tag",
        "unprotected production",
        "logs without a key",
        "room numbers",
        "hidden template",
    ],
)
def test_a_plan_against_the_policy(
    tmp_path: Path, login: dict[str, str], file: str, right: str, wrong: str, says: str
) -> None:
    workspace = mistaken(tmp_path, login, file, right, wrong)
    workspace.init(
        "environments/prod", f"-backend-config=bucket={STATE_BUCKET}", f"-backend-config=key={tmp_path.name}"
    )
    found = plan_rules.violations(workspace.plan("environments/prod"))
    assert any(says in sentence for sentence in found), found


ADMIN = """    admin_to_endpoints    = { from = "admin", to = "endpoints", port = local.https, why = "Secrets Manager" }
"""


@pytest.mark.parametrize(
    ("module", "right", "wrong", "says"),
    [
        ("networking", ADMIN, "", "Every group that may call AWS"),
        ("networking", "Browsers of operators,", "Operators' browsers,", "EC2 refuses an apostrophe"),
        ("mwaa", ' if value != "" }', " }", "MWAA refuses an empty one"),
        ("mwaa", 'for prefix in ["docs", "dumps"', 'for prefix in ["dumps"', "Pages of the UI read docs/"),
        ("mwaa", '"logs:DescribeLogStreams", ', "", "log streams of deferred tasks"),
        ("mwaa", "airflow:CreateCliToken", "airflow:CreateWebLoginToken", "needs a token of this environment"),
        ("mwaa", '"WebServer", "Worker"]', '"Webserver", "Worker"]', "the names into which MWAA writes"),
        ("mwaa", "  retention_in_days = 30\n", "", "Logs are kept for 30 days"),
        ("aurora", "auto_minor_version_upgrade = false", "auto_minor_version_upgrade = true", "leave the line"),
        ("aurora", 'startswith(var.instance_class, "db.t")', "true", "Only T classes send credits"),
        ("secrets", " if var.rotation_enabled }", " }", "Nothing rotates before the users exist"),
        ("secrets", "cron(0 4 1 * ? *)", "rate(30 days)", "between 13:00 and 15:00 JST"),
        ("monitoring", "above = 80, period = local.minute", "above = 80, period = 2 * local.minute", "Five minutes"),
        ("monitoring", " if var.burstable }", " }", "always red"),
        ("monitoring", "periods = 13, of_them = 12", "periods = 26, of_them = 24", "Sixty minutes"),
        ("monitoring", 'alarm_name}\\") AND (', 'alarm_name}\\") OR (', "at its time only"),
    ],
)
def test_a_module_against_its_own_tests(
    tmp_path: Path, login: dict[str, str], module: str, right: str, wrong: str, says: str
) -> None:
    where = f"modules/{module}"
    workspace = mistaken(tmp_path, login, f"{where}/main.tf", right, wrong)
    workspace.init(where)
    with pytest.raises(TerraformError) as found:
        workspace.run(where, "test", "-no-color")
    assert says in " ".join(str(found.value).replace("│", " ").split())
