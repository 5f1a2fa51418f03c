"""What must hold for every plan, of today's modules and of the next one.

Each rule takes a plan as Terraform's JSON and returns one sentence for each violation. Together they hold: least
privilege, private, encrypted, TLS only, alarms that treat missing data as breaching, production that cannot be deleted
by mistake, tags on everything, dashboards that give away neither tenants nor, where it is not allowed, figures, names
that stay in Japan.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from include.dbt.personal_data import stays_in_gold

REQUIRED_TAGS = frozenset({"Project", "Environment", "Owner", "ManagedBy"})

# The only actions that may be allowed on every resource, and why.
NO_RESOURCE_LEVEL = {
    "bedrock:GetModelInvocationLoggingConfiguration": "the setting belongs to the account",
    "cloudwatch:PutMetricData": "metrics have no ARN; narrowed by the condition key cloudwatch:namespace",
    "ec2:DescribeSecurityGroups": "describing has no resource level",
    "ec2:DescribeSubnets": "describing has no resource level",
    "logs:DescribeLogGroups": "listing has no resource level",
    "quicksight:ListIngestions": "listing has no resource level",
    "s3:GetAccountPublicAccessBlock": "the setting belongs to the account",
    "secretsmanager:GetRandomPassword": "makes a password and reads none",
}

# The only metrics whose alarm may stay quiet without data, and why.
SILENCE_IS_GOOD = {
    "DAGDurationFailed": "sent only when a run fails",
    "load_undeclared_rejects": "sent by each load; a day without a load keeps the state, and other alarms report it",
}

MINIMUM_BACKUP_DAYS = 7

# The lines of Aurora MySQL 3 with long-term support.
LONG_TERM_SUPPORT = re.compile(r"mysql_aurora\.3\.(04|10)\.")

# Hours in Tokyo in which every task logs in, and Tokyo's distance from UTC.
MORNING, JST = frozenset(range(5, 10)), 9

# What DAGs and pages read of the data bucket.
READ_PREFIXES = frozenset({"docs", "dumps", "dumps-manifest", "incidents", "processed", "snapshots", "status"}) | {
    *("rent-roll", "reports/corrections", "reports/flash", "reports/rent-roll", "templates"),
}

# MWAA's log groups by the block of its logging configuration:
# https://docs.aws.amazon.com/mwaa/latest/userguide/monitoring-airflow.html
MWAA_LOGS = {
    "dag_processing_logs": "DAGProcessing",
    "scheduler_logs": "Scheduler",
    "task_logs": "Task",
    "webserver_logs": "WebServer",
    "worker_logs": "Worker",
}

# Where a language model may be asked: through a profile that stays in Japan, and behind it in Tokyo and Osaka.
PROFILE_IN_JAPAN = re.compile(r"arn:aws:bedrock:ap-northeast-1:\d{12}:inference-profile/jp\.[a-zA-Z0-9:.-]+")
MODEL_IN_JAPAN = re.compile(r"arn:aws:bedrock:ap-northeast-[13]::foundation-model/[a-zA-Z0-9:.-]+")

# CloudFormation takes 51,200 bytes; a dashboard that comes near is to be split before an apply fails.
LONGEST_TEMPLATE_BYTES = 45_000


@dataclass(frozen=True)
class Resource:
    """One managed resource of a plan: its address, type, planned values, and which of them are not known yet."""

    address: str
    type: str
    values: dict[str, Any]
    unknown: dict[str, Any]


@dataclass(frozen=True)
class Statement:
    """One statement of a policy document.

    Attributes:
        address: where it is written.
        effect: Allow or Deny.
        actions: what it is about.
        resources: ARNs; None stands for one that is not known yet.
        principals: who, for policies that are attached to a resource.
        conditions: condition keys.
    """

    address: str
    effect: str
    actions: list[str]
    resources: list[str | None]
    principals: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)


def resources(plan: dict[str, Any]) -> list[Resource]:
    """Return the resources that exist once the plan is applied."""
    return [
        Resource(change["address"], change["type"], change["change"]["after"], change["change"]["after_unknown"] or {})
        for change in plan.get("resource_changes", [])
        if change["mode"] == "managed" and change["change"]["after"] is not None
    ]


def resources_of_state(module: dict[str, Any]) -> Iterator[Resource]:
    """Yield the resources below a module of a state in Terraform's JSON, in which everything is known."""
    for each in module.get("resources", []):
        if each["mode"] == "managed":
            yield Resource(each["address"], each["type"], each["values"], {})
    for child in module.get("child_modules", []):
        yield from resources_of_state(child)


def statements(plan: dict[str, Any]) -> Iterator[Statement]:
    """Yield every statement of every policy: documents that are known, that wait for the apply, and bare JSON."""
    for address, values in policy_documents(plan):
        for number, each in enumerate(values.get("statement") or []):
            yield Statement(
                address=f"{address} statement {each.get('sid') or number}",
                effect=each.get("effect") or "Allow",
                actions=list(each.get("actions") or []),
                resources=list(each.get("resources") or []),
                principals=[who for one in each.get("principals") or [] for who in one.get("identifiers") or []],
                conditions=[condition["variable"] for condition in each.get("condition") or []],
            )
    for resource in resources(plan):
        # An endpoint's policy allows nothing by itself; AWS's own lets through what others allow.
        for name in ("assume_role_policy", "policy") if resource.type != "aws_vpc_endpoint" else ():
            text = resource.values.get(name)
            if isinstance(text, str) and text.startswith("{"):
                yield from _from_json(resource.address, json.loads(text))


def no_wildcard_actions(plan: dict[str, Any]) -> list[str]:
    """No statement allows `*` or a whole service, but the account's own hold on a key."""
    return [
        f"{statement.address} allows {action}; name the actions that are needed"
        for statement in statements(plan)
        if statement.effect == "Allow"
        for action in statement.actions
        if (action == "*" or action.endswith(":*")) and not _key_administration(statement)
    ]


def no_wildcard_resources(plan: dict[str, Any]) -> list[str]:
    """No statement is about `*`, but for actions that know no resources; a key policy's `*` is the key itself."""
    return [
        f"{statement.address} allows {action} on every resource; name the resources"
        for statement in statements(plan)
        if statement.effect == "Allow" and "*" in statement.resources and not statement.principals
        for action in statement.actions
        if action not in NO_RESOURCE_LEVEL
    ]


def no_anonymous(plan: dict[str, Any]) -> list[str]:
    """No policy allows anything to everybody."""
    return [
        f"{statement.address} allows everybody; name the principals"
        for statement in statements(plan)
        if statement.effect == "Allow" and "*" in statement.principals
    ]


def private(plan: dict[str, Any]) -> list[str]:
    """Nothing can be reached from the internet, but a web server of which the environment's own variable says so."""
    found = []
    for each in resources(plan):
        if each.type == "aws_rds_cluster_instance" and each.values.get("publicly_accessible") is not False:
            found.append(f"{each.address} is public; set publicly_accessible = false")
        if each.type == "aws_mwaa_environment" and each.values.get("webserver_access_mode") != _asked_for(plan):
            found.append(f"{each.address} has a public web server; set webserver_access_mode = PRIVATE_ONLY")
        if each.type == "aws_subnet" and each.values.get("map_public_ip_on_launch"):
            found.append(f"{each.address} hands out public addresses; set map_public_ip_on_launch = false")
        if each.type == "aws_vpc_security_group_ingress_rule" and each.values.get("cidr_ipv4") == "0.0.0.0/0":
            found.append(f"{each.address} lets the whole internet in; name an address range or a security group")
        if each.type == "aws_s3_bucket_public_access_block":
            names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
            found += [
                f"{each.address} leaves {name} off; set it to true" for name in names if not each.values.get(name)
            ]
    return found + _one_for_each_bucket(plan, "aws_s3_bucket_public_access_block")


def encrypted(plan: dict[str, Any]) -> list[str]:
    """Everything that rests is encrypted, and under our own key where the service can."""
    keys = {
        "aws_cloudwatch_log_group": "kms_key_id",
        "aws_mwaa_environment": "kms_key",
        "aws_rds_cluster": "kms_key_id",
        "aws_secretsmanager_secret": "kms_key_id",
        "aws_sns_topic": "kms_master_key_id",
    }
    found = []
    for each in resources(plan):
        if (name := keys.get(each.type)) and not each.values.get(name) and not each.unknown.get(name):
            found.append(f"{each.address} has no key of ours; set {name}")
        if each.type == "aws_rds_cluster" and not each.values.get("storage_encrypted"):
            found.append(f"{each.address} is not encrypted; set storage_encrypted = true")
    return found + _one_for_each_bucket(plan, "aws_s3_bucket_server_side_encryption_configuration")


def tls_only(plan: dict[str, Any]) -> list[str]:
    """Neither the database nor a bucket nor QuickSight speaks without TLS."""
    found = []
    for each in resources(plan):
        if each.type == "aws_rds_cluster_parameter_group":
            parameters = {parameter["name"]: parameter["value"] for parameter in each.values["parameter"]}
            if parameters.get("require_secure_transport") != "ON":
                found.append(f"{each.address} admits plain text; set require_secure_transport = ON")
        if each.type == "aws_quicksight_data_source" and each.values["ssl_properties"][0]["disable_ssl"]:
            found.append(f"{each.address} speaks without TLS; set disable_ssl = false")
    guarded = sum(
        statement.effect == "Deny" and "aws:SecureTransport" in statement.conditions and "s3:*" in statement.actions
        for statement in statements(plan)
        if ".data." in f".{statement.address}"
    )
    buckets = sum(each.type == "aws_s3_bucket" for each in resources(plan))
    if guarded < buckets:
        found.append(
            f"{buckets - guarded} of {buckets} buckets admit plain text; deny s3:* without aws:SecureTransport"
        )
    return found


def alarms_take_silence_for_bad_news(plan: dict[str, Any]) -> list[str]:
    """Missing data sets off an alarm, and every alarm has an action."""
    found = []
    for each in resources(plan):
        if each.type != "aws_cloudwatch_metric_alarm":
            continue
        silent = each.values.get("treat_missing_data") != "breaching"
        if silent and each.values.get("metric_name") not in SILENCE_IS_GOOD:
            found.append(f"{each.address} ignores missing data; set treat_missing_data = breaching")
        if not each.values.get("alarm_actions") and not each.unknown.get("alarm_actions"):
            found.append(f"{each.address} has no action; set alarm_actions")
    return found


def production_is_protected(plan: dict[str, Any]) -> list[str]:
    """In production nothing with data in it disappears by one wrong command."""
    found = []
    for each in resources(plan):
        if (each.values.get("tags_all") or {}).get("Environment") != "prod":
            continue
        if each.type == "aws_rds_cluster":
            if not each.values.get("deletion_protection") or each.values.get("skip_final_snapshot"):
                found.append(f"{each.address} can be deleted; set deletion_protection and keep the final snapshot")
            if each.values.get("backup_retention_period", 0) < MINIMUM_BACKUP_DAYS:
                found.append(f"{each.address} keeps backups for less than {MINIMUM_BACKUP_DAYS} days")
        if each.type == "aws_s3_bucket" and each.values.get("force_destroy"):
            found.append(f"{each.address} can be destroyed with its contents; set force_destroy = false")
        if each.type == "aws_secretsmanager_secret" and not each.values.get("recovery_window_in_days"):
            found.append(f"{each.address} would be gone at once; set recovery_window_in_days")
    return found


def tagged(plan: dict[str, Any]) -> list[str]:
    """Everything that can bear tags bears the four that say whose it is."""
    found = []
    for each in resources(plan):
        tags = each.values.get("tags_all")
        if tags is None or (each.type == "aws_default_security_group" and not tags):
            continue
        if missing := REQUIRED_TAGS - tags.keys():
            found.append(f"{each.address} lacks the tag {', '.join(sorted(missing))}; see default_tags of the provider")
    return found


def engine_stays_on_long_term_support(plan: dict[str, Any]) -> list[str]:
    """A version with long-term support is not left by itself.

    Once left, Terraform asks for a downgrade, which Aurora refuses:
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Update.SpecialVersions.html.
    """
    return [
        f"{each.address} would be upgraded out of long-term support; set auto_minor_version_upgrade = false"
        for each in resources(plan)
        if each.type == "aws_rds_cluster_instance"
        and LONG_TERM_SUPPORT.search(each.values.get("engine_version") or "")
        and each.values.get("auto_minor_version_upgrade") is not False
    ]


def passwords_change_outside_the_morning(plan: dict[str, Any]) -> list[str]:
    """Passwords rotate in a window outside 05:00 to 10:00 JST; without one, Secrets Manager takes any hour of the day.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
    """
    found = []
    for each in resources(plan):
        for rules in each.values.get("rotation_rules") or [] if each.type.endswith("_secret_rotation") else []:
            starts = re.fullmatch(r"cron\(\d+ (\d+) .*\)", rules.get("schedule_expression") or "")
            lasts = re.fullmatch(r"(\d+)h", rules.get("duration") or "")
            if not starts or not lasts:
                found.append(f"{each.address} rotates at any hour; set schedule_expression = cron(...) and duration")
            # The window may begin at any minute of its hour, and ends by the next full one.
            elif MORNING & {(int(starts[1]) + JST + hour) % 24 for hour in range(int(lasts[1]) + 1)}:
                found.append(f"{each.address} rotates in the morning (JST); see rotation_rules")
    return found


def logs_expire(plan: dict[str, Any]) -> list[str]:
    """Every log group expires, those included that a service would make itself, for ever and without our key."""
    groups = {each.values.get("name") for each in resources(plan) if each.type == "aws_cloudwatch_log_group"}
    found = [
        f"{each.address} keeps its logs for ever; set retention_in_days"
        for each in resources(plan)
        if each.type == "aws_cloudwatch_log_group" and not each.values.get("retention_in_days")
    ]
    return found + [
        f"{address} would make the log group {name} itself, which never expires; make it before"
        for address, name in _groups_of_services(plan)
        if name not in groups
    ]


def airflow_reads_what_it_shows(plan: dict[str, Any]) -> list[str]:
    """The execution role reads every prefix of the data bucket that a task or a page reads."""
    readable = [
        resource
        for statement in statements(plan)
        if statement.effect == "Allow" and ".module.mwaa." in statement.address and "s3:GetObject" in statement.actions
        for resource in statement.resources or [None]
    ]
    if None in readable:  # not known yet
        return []
    return [
        f"{each.address} cannot read {prefix}/*; allow s3:GetObject to its execution role"
        for each in resources(plan)
        if each.type == "aws_mwaa_environment"
        for prefix in sorted(READ_PREFIXES)
        if not any((resource or "").endswith(f"/{prefix}/*") for resource in readable)
    ]


def templates_are_readable(plan: dict[str, Any]) -> list[str]:
    """Every stack's template is known before the apply, far from CloudFormation's limit, and ASCII.

    CloudFormation answers with question marks for anything else, so that each plan would show a change:
    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/814.
    """
    found = []
    for each in resources(plan):
        if each.type != "aws_cloudformation_stack":
            continue
        if not (body := each.values.get("template_body")):
            found.append(f"{each.address} hides its template from the plan; put ARNs together from names")
        elif (size := len(body.encode())) >= LONGEST_TEMPLATE_BYTES:
            found.append(f"{each.address} has a template of {size:,} bytes; stay below {LONGEST_TEMPLATE_BYTES:,}")
        elif not body.isascii():
            found.append(f"{each.address} has letters that CloudFormation would not give back; escape them")
    return found


def dashboards_export_where_they_may(plan: dict[str, Any]) -> list[str]:
    """A dashboard outside the folder with export gives no CSV, and QuickSight validates every definition strictly."""
    found = []
    for address, dashboard in _dashboards(plan):
        option = dashboard.get("DashboardPublishOptions", {}).get("ExportToCSVOption", {}).get("AvailabilityStatus")
        folders = dashboard.get("FolderArns") or [""]
        if option != "DISABLED" and not all(folder.endswith("-export") for folder in folders):
            found.append(f"{address} lets readers export who may only look; set ExportToCSVOption to DISABLED")
        if dashboard.get("ValidationStrategy", {}).get("Mode") != "STRICT":
            found.append(f"{address} is not validated; set ValidationStrategy to STRICT")
    return found


def data_sets_name_nobody(plan: dict[str, Any]) -> list[str]:
    """No data set has a column that could tell who a tenant is."""
    return [
        f"{each.address} has the column {column['name']}, which must stay in gold; take it off the dashboards"
        for each in resources(plan)
        if each.type == "aws_quicksight_data_set"
        for table in each.values.get("physical_table_map") or []
        for source in table.get("relational_table") or []
        for column in source.get("input_columns") or []
        if stays_in_gold(column["name"])
    ]


def names_stay_in_japan(plan: dict[str, Any]) -> list[str]:
    """A language model is asked through a profile that stays in Japan, and in no other way."""
    found = []
    for statement in statements(plan):
        if statement.effect != "Allow" or not any(action.startswith("bedrock:Invoke") for action in statement.actions):
            continue
        for resource in statement.resources:
            if resource is None or PROFILE_IN_JAPAN.fullmatch(resource):
                continue
            if not MODEL_IN_JAPAN.fullmatch(resource):
                found.append(f"{statement.address} lets names leave Japan by {resource}; name a profile jp.…")
            elif "bedrock:InferenceProfileArn" not in statement.conditions:
                found.append(f"{statement.address} asks {resource} past its profile; add bedrock:InferenceProfileArn")
    return found


RULES: tuple[Callable[[dict[str, Any]], list[str]], ...] = (
    no_wildcard_actions,
    no_wildcard_resources,
    no_anonymous,
    private,
    encrypted,
    tls_only,
    alarms_take_silence_for_bad_news,
    production_is_protected,
    engine_stays_on_long_term_support,
    passwords_change_outside_the_morning,
    logs_expire,
    airflow_reads_what_it_shows,
    tagged,
    templates_are_readable,
    dashboards_export_where_they_may,
    data_sets_name_nobody,
    names_stay_in_japan,
)


def violations(plan: dict[str, Any]) -> list[str]:
    """Return every violation of every rule."""
    return [sentence for rule in RULES for sentence in rule(plan)]


def _asked_for(plan: dict[str, Any]) -> str:
    """Return how open the web server is to be by the environment's variable."""
    return str(plan.get("variables", {}).get("webserver_access_mode", {}).get("value", "PRIVATE_ONLY"))


def _dashboards(plan: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield address and properties of each dashboard that a stack makes."""
    for each in resources(plan):
        if each.type == "aws_cloudformation_stack" and (body := each.values.get("template_body")):
            for resource in yaml.safe_load(body)["Resources"].values():
                if resource["Type"] == "AWS::QuickSight::Dashboard":
                    yield each.address, resource["Properties"]


def _groups_of_services(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the address of what logs, and the name of the group it logs into."""
    for each in resources(plan):
        if each.type == "aws_mwaa_environment":
            for block, kind in MWAA_LOGS.items():
                if any(log["enabled"] for one in each.values["logging_configuration"] for log in one[block]):
                    yield each.address, f"airflow-{each.values['name']}-{kind}"
        elif each.type == "aws_rds_cluster":
            for kind in each.values.get("enabled_cloudwatch_logs_exports") or []:
                yield each.address, f"/aws/rds/cluster/{each.values['cluster_identifier']}/{kind}"
        elif each.type == "aws_lambda_function":
            yield each.address, f"/aws/lambda/{each.values['function_name']}"
        elif each.type.startswith("aws_serverless") and (made := each.values.get("parameters")):
            yield each.address, f"/aws/lambda/{made.get('functionName')}"


def policy_documents(plan: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the policy documents: those that are read already, and those that wait for the apply."""

    def walk(module: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for resource in module.get("resources", []):
            if resource["mode"] == "data" and resource["type"] == "aws_iam_policy_document":
                yield resource["address"], resource["values"]
        for child in module.get("child_modules", []):
            yield from walk(child)

    yield from walk(plan.get("prior_state", {}).get("values", {}).get("root_module", {}))
    for change in plan["resource_changes"]:
        if change["mode"] == "data" and change["type"] == "aws_iam_policy_document":
            yield change["address"], change["change"]["after"]


def _from_json(address: str, document: dict[str, Any]) -> Iterator[Statement]:
    def listed(value: Any) -> list[Any]:
        return value if isinstance(value, list) else [] if value is None else [value]

    for number, each in enumerate(listed(document.get("Statement"))):
        who = each.get("Principal")
        yield Statement(
            address=f"{address} statement {each.get('Sid') or number}",
            effect=each["Effect"],
            actions=listed(each.get("Action")),
            resources=listed(each.get("Resource")),
            principals=[one for value in who.values() for one in listed(value)]
            if isinstance(who, dict)
            else listed(who),
            conditions=[key for test in each.get("Condition", {}).values() for key in test],
        )


def _key_administration(statement: Statement) -> bool:
    """Without it a key could never be changed again: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html."""
    roots = bool(statement.principals) and all(who.endswith(":root") for who in statement.principals)
    return roots and statement.actions == ["kms:*"]


def _one_for_each_bucket(plan: dict[str, Any], kind: str) -> list[str]:
    buckets = [each.address for each in resources(plan) if each.type == "aws_s3_bucket"]
    guards = [each.address for each in resources(plan) if each.type == kind]
    if len(guards) < len(buckets):
        return [f"{len(buckets)} buckets have {len(guards)} {kind}; each needs its own"]
    return []
