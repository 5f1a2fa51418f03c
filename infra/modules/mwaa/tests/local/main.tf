# The environment of a laptop, in name only: `python -m infra.check.local_environment` renders options and roles from a plan
# of it, and the local platform runs Airflow with these options and exactly these rights.

locals {
  name    = "gghouse-local"
  account = "arn:aws:%s:ap-northeast-1:123456789012:%s"

  data_sets = {
    for name, each in jsondecode(file("${path.module}/../../../quicksight/data_sets.json")) : each.schema => "${local.name}-${name}"...
  }
}

module "mwaa" {
  source = "../.."

  name               = local.name
  environment        = "local"
  data_bucket        = local.name
  mwaa_bucket        = "${local.name}-mwaa"
  alert_topic_arn    = format(local.account, "sns", "${local.name}-alerts")
  metric_namespace   = "GGHouse"
  connections_prefix = "airflow/connections"
  aurora_cluster     = local.name
  readers_host       = "" # the one server
  kms_key_arn        = format(local.account, "kms", "key/${local.name}")
  subnet_ids         = ["subnet-1", "subnet-2"]
  security_group_id  = "sg-1"

  quicksight_dataset_ids = local.data_sets["gold"]
  report_dataset_ids     = lookup(local.data_sets, "reports", [])

  connection_secret_arns = [
    for user in ["loader", "restore", "dbt"] :
    format(local.account, "secretsmanager", "secret:airflow/connections/aurora_${user}-??????")
  ]
}

# The rights that a language model and history as Parquet add; the local platform gives them to its role when they are
# switched on.
module "mwaa_with_more" {
  source = "../.."

  name                   = local.name
  environment            = "local"
  settings               = { nationality_model = "jp.anthropic.claude-haiku-4-5-20251001-v1:0", history_parquet = true }
  data_bucket            = local.name
  mwaa_bucket            = "${local.name}-mwaa"
  alert_topic_arn        = format(local.account, "sns", "${local.name}-alerts")
  metric_namespace       = "GGHouse"
  connections_prefix     = "airflow/connections"
  aurora_cluster         = local.name
  readers_host           = ""
  kms_key_arn            = format(local.account, "kms", "key/${local.name}")
  subnet_ids             = ["subnet-1", "subnet-2"]
  security_group_id      = "sg-1"
  connection_secret_arns = [format(local.account, "secretsmanager", "secret:airflow/connections/aurora_loader-??????")]
}

module "deploy_role" {
  source = "../../../deploy_role"

  name               = local.name
  environment        = "local"
  repository         = "example/example"
  mwaa_bucket        = "${local.name}-mwaa"
  execution_role_arn = format("arn:aws:%s::123456789012:%s", "iam", "role/${local.name}-mwaa")
  kms_key_arn        = format(local.account, "kms", "key/${local.name}")
}
