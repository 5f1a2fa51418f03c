# The whole platform of one environment, in one AWS account of its own. Environments call this and nothing else.

locals {
  name             = "gghouse-${var.environment}"
  metric_namespace = "GGHouse"

  # The one switch of history as Parquet, which the DAGs read as well.
  history_parquet = coalesce(lookup(var.settings, "history_parquet", null), "false") == "true"

  # The tables of the reports are refreshed by the DAGs that make them: before the first report they are not there, and
  # the day would be red.
  data_sets = {
    for name, each in jsondecode(file("${path.module}/../quicksight/data_sets.json")) : each.schema => "${local.name}-${name}"... if var.quicksight_enabled
  }
}

module "encryption" {
  source = "../encryption"

  name                  = local.name
  dump_writer_role_arns = var.dump_writer_role_arns
}

module "networking" {
  source = "../networking"

  name                = local.name
  cidr                = var.vpc_cidr
  interface_endpoints = var.interface_endpoints
  operator_cidrs      = var.operator_cidrs
  kms_key_arn         = module.encryption.key_arn
}

module "storage" {
  source = "../storage"

  name                  = local.name
  kms_key_arn           = module.encryption.key_arn
  dump_writer_role_arns = var.dump_writer_role_arns
  reports_keep_days     = var.reports_keep_days
  answers_of_athena     = local.history_parquet
  force_destroy         = !var.protected
}

module "aurora" {
  source = "../aurora"

  name                = local.name
  instance_class      = var.aurora.instance_class
  instance_count      = var.aurora.instance_count
  serverless_capacity = var.aurora.serverless_capacity
  engine_version      = var.aurora.engine_version
  max_connections     = var.aurora.max_connections
  deletion_protection = var.protected
  subnet_ids          = module.networking.private_subnet_ids
  security_group_id   = module.networking.security_group_ids["aurora"]
  kms_key_arn         = module.encryption.key_arn
}

module "secrets" {
  source = "../secrets"

  name                 = local.name
  host                 = module.aurora.endpoint
  port                 = module.aurora.port
  ca_bundle_path       = var.ca_bundle_path
  recovery_window_days = var.protected ? 7 : 0
  subnet_ids           = module.networking.private_subnet_ids
  security_group_id    = module.networking.security_group_ids["rotation"]
  kms_key_arn          = module.encryption.key_arn
  rotation_enabled     = var.rotation_enabled
}

module "monitoring" {
  source = "../monitoring"

  name               = local.name
  alert_emails       = var.alert_emails
  cluster_identifier = local.name
  max_connections    = var.aurora.max_connections
  burstable          = module.aurora.burstable
  has_readers        = var.aurora.instance_count > 1
  metric_namespace   = local.metric_namespace
  monthly_budget_usd = var.monthly_budget_usd
  kms_key_arn        = module.encryption.key_arn
}

module "mwaa" {
  source = "../mwaa"

  name                   = local.name
  environment            = var.environment
  airflow_version        = var.airflow_version
  environment_class      = var.mwaa.environment_class
  min_workers            = var.mwaa.min_workers
  max_workers            = var.mwaa.max_workers
  webserver_access_mode  = var.mwaa.webserver_access_mode
  mwaa_bucket            = module.storage.mwaa_bucket
  data_bucket            = module.storage.data_bucket
  alert_topic_arn        = module.monitoring.alert_topic_arn
  metric_namespace       = local.metric_namespace
  quicksight_dataset_ids = lookup(local.data_sets, "gold", [])
  report_dataset_ids     = lookup(local.data_sets, "reports", [])
  settings               = var.settings
  openlineage_transport  = var.openlineage_transport
  connections_prefix     = module.secrets.connections_prefix
  aurora_cluster         = module.aurora.cluster_identifier
  readers_host           = module.aurora.reader_endpoint
  connection_secret_arns = [for user in ["loader", "restore", "dbt"] : module.secrets.arns[user]]
  subnet_ids             = module.networking.private_subnet_ids
  security_group_id      = module.networking.security_group_ids["mwaa"]
  kms_key_arn            = module.encryption.key_arn
}

# Needs the database user `bi` and the gold tables, so it comes after the first green run.
module "quicksight" {
  source = "../quicksight"
  count  = var.quicksight_enabled ? 1 : 0

  name              = local.name
  host              = module.aurora.reader_endpoint
  port              = module.aurora.port
  bi_secret_arn     = module.secrets.arns["bi"]
  users             = var.quicksight_users
  subnet_ids        = module.networking.private_subnet_ids
  security_group_id = module.networking.security_group_ids["quicksight"]
  kms_key_arn       = module.encryption.key_arn
}

module "deploy_role" {
  source = "../deploy_role"

  name               = local.name
  environment        = var.environment
  repository         = var.repository
  mwaa_bucket        = module.storage.mwaa_bucket
  execution_role_arn = module.mwaa.execution_role_arn
  kms_key_arn        = module.encryption.key_arn
}

# The way in: port forwarding through Systems Manager, and a role for each role of Airflow.
module "access" {
  source = "../access"
  count  = var.people == null ? 0 : 1

  name              = local.name
  people            = var.people
  webserver_host    = trimprefix(module.mwaa.webserver_url, "https://")
  database_host     = module.aurora.endpoint
  secret_arns       = compact(concat([module.aurora.master_secret_arn], values(module.secrets.arns)))
  subnet_id         = module.networking.private_subnet_ids[0]
  security_group_id = module.networking.security_group_ids["admin"]
  kms_key_arn       = module.encryption.key_arn
}

# Reading reports and delivering what they need, for people without a way in.
module "report_access" {
  source = "../report_access"

  name        = local.name
  people      = var.report_access
  data_bucket = module.storage.data_bucket
  kms_key_arn = module.encryption.key_arn
}

# The history as Parquet, in the catalogue of Glue and for Athena.
module "lake" {
  source = "../lake"
  count  = local.history_parquet ? 1 : 0

  name        = local.name
  data_bucket = module.storage.data_bucket
  kms_key_arn = module.encryption.key_arn
}

module "dump_host" {
  source = "../dump_host"

  name        = local.name
  trusted     = var.dump_host
  data_bucket = module.storage.data_bucket
  kms_key_arn = module.encryption.key_arn
}

# An apply before the one with quicksight_enabled: QuickSight takes minutes to begin.
module "quicksight_subscription" {
  source = "../quicksight_subscription"
  count  = var.quicksight_subscription == null ? 0 : 1

  account_name       = var.quicksight_subscription.account_name
  notification_email = var.quicksight_subscription.notification_email
}
