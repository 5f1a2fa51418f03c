# The Airflow environment, with a role that can do what the DAGs do and nothing else.
#
# | item, Tokyo (estimates; infra/README.md#what-it-costs says from where) | USD a month   |
# |------------------------------------------------------------------------|---------------|
# | mw1.small: 2 schedulers, 2 web servers, 1 worker                       | 358           |
# | each further small worker, while it runs                               | 0.055 an hour |
# | mw1.micro: one of each, development only                               | 70            |
# | its two interface endpoints in the VPC, one with a public UI           | 41, 20        |
# | metadata database, 10 GB, and logs of 30 days                          | 4             |
#
# Terraform creates the environment; afterwards the deploy command owns the paths and versions of the code in the bucket,
# which is why they are ignored below. Everything else is changed here.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  account     = data.aws_caller_identity.current.account_id
  region      = data.aws_region.current.name
  micro       = var.environment_class == "mw1.micro"
  data_bucket = "arn:aws:s3:::${var.data_bucket}"
  code_bucket = "arn:aws:s3:::${var.mwaa_bucket}"
  rds         = "arn:aws:rds:${local.region}:${local.account}"

  # Made empty by the module secrets; a person puts the webhook's address there.
  slack_secret = "arn:aws:secretsmanager:${local.region}:${local.account}:secret:${var.connections_prefix}/slack_alerts-??????"

  options = merge({
    "core.load_examples"                     = "False"
    "cosmos.enable_memory_optimised_imports" = "True"
    "cosmos.enable_telemetry"                = "False" # nothing is sent to those who write Airflow or Cosmos
    "logging.logging_level"                  = "INFO"
    "openlineage.execute_in_thread"          = var.openlineage_transport == "" ? "" : "True" # a fork may strand its task
    "openlineage.namespace"                  = var.openlineage_transport == "" ? "" : var.name
    "openlineage.transport"                  = var.openlineage_transport
    "secrets.backend"                        = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"
    "secrets.backend_kwargs"                 = local.backend_kwargs
    "usage_data_collection.enabled"          = "False"
    "gghouse.alert_topic_arn"                = var.alert_topic_arn
    "gghouse.aurora_cluster"                 = var.aurora_cluster
    "gghouse.bucket"                         = var.data_bucket
    "gghouse.code_bucket"                    = var.mwaa_bucket
    "gghouse.dbt_executable"                 = var.dbt_executable
    "gghouse.environment"                    = var.environment
    "gghouse.mwaa_environment"               = var.name
    "gghouse.quicksight_datasets"            = join(",", var.quicksight_dataset_ids)
    "gghouse.readers_host"                   = var.readers_host
    "gghouse.report_datasets"                = join(",", var.report_dataset_ids)
  }, { for name, value in var.settings : "gghouse.${name}" => value if value != null })

  # What an environment may set besides, as include/settings.py reads it: name to pattern.
  settings = {
    carry_over_unchanged      = "true|false"
    dump_layout               = "single|per_table"
    dump_poll_seconds         = "[1-9][0-9]*"
    dump_wait_minutes         = "[1-9][0-9]*"
    history_keep_days         = "0|[1-9][0-9]{2,}"
    history_parquet           = "true|false"
    load_connections          = "[1-9][0-9]*"
    load_transport            = "connections|program"
    minimum_dump_bytes        = "[1-9][0-9]*"
    nationality_model         = "jp[.][a-zA-Z0-9:.-]{1,61}"
    nationality_names_per_day = "[1-9][0-9]*"
    portfolio_rooms           = "[1-9][0-9]*"
    require_manifest          = "true|false"
    room_history_days         = "0|[1-9][0-9]*"
    source_database           = "[A-Za-z0-9_$-]+"
    source_host               = "[A-Za-z0-9.-]+"
  }

  # The language model: a system-defined inference profile, or none, and the Regions that it may lead to.
  nationality_model    = try(coalesce(var.settings["nationality_model"]), "")
  nationality_profiles = local.nationality_model == "" ? [] : ["arn:aws:bedrock:${local.region}:${local.account}:inference-profile/${local.nationality_model}"]
  japan                = ["ap-northeast-1", "ap-northeast-3"]

  history_parquet = coalesce(lookup(var.settings, "history_parquet", null), "false") == "true"

  # The lookup pattern keeps every other connection id from costing an API call; a null prefix does the same for
  # variables and configuration.
  backend_kwargs = jsonencode({
    connections_prefix         = var.connections_prefix
    connections_lookup_pattern = "^(aurora_.*|slack_alerts)$"
    variables_prefix           = null
    config_prefix              = null
  })
}

# MWAA writes into these names, and would make the groups itself, for ever and without our key. They hold what tasks
# print, failing rows included.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:logs of runs are of use for weeks, not for a year
  for_each = toset(["DAGProcessing", "Scheduler", "Task", "WebServer", "Worker"])

  name              = "airflow-${var.name}-${each.value}"
  retention_in_days = 30
  kms_key_id        = var.kms_key_arn
}

resource "aws_mwaa_environment" "this" {
  #checkov:skip=CKV2_AWS_66:the mode is a variable, private unless an environment says otherwise; the plan's policy holds it
  name              = var.name
  airflow_version   = var.airflow_version
  environment_class = var.environment_class

  schedulers     = local.micro ? 1 : 2
  min_workers    = local.micro ? 1 : var.min_workers
  max_workers    = local.micro ? 1 : var.max_workers
  min_webservers = local.micro ? 1 : 2
  max_webservers = local.micro ? 1 : 2

  execution_role_arn    = aws_iam_role.execution.arn
  kms_key               = var.kms_key_arn
  webserver_access_mode = var.webserver_access_mode

  source_bucket_arn      = local.code_bucket
  dag_s3_path            = var.dag_s3_path
  plugins_s3_path        = var.plugins_s3_path
  requirements_s3_path   = var.requirements_s3_path
  startup_script_s3_path = var.startup_script_s3_path

  # MWAA refuses an option without a value; the platform takes one that is not there for an empty one.
  airflow_configuration_options = { for name, value in local.options : name => value if value != "" }

  # Monday 14:00 JST: after the morning's figures, within working hours.
  weekly_maintenance_window_start = "MON:05:00"

  network_configuration {
    subnet_ids         = var.subnet_ids
    security_group_ids = [var.security_group_id]
  }

  logging_configuration {
    dag_processing_logs {
      enabled   = true
      log_level = "INFO"
    }

    scheduler_logs {
      enabled   = true
      log_level = "INFO"
    }

    task_logs {
      enabled   = true
      log_level = "INFO"
    }

    webserver_logs {
      enabled   = true
      log_level = "INFO"
    }

    worker_logs {
      enabled   = true
      log_level = "INFO"
    }
  }

  lifecycle {
    ignore_changes = [
      dag_s3_path,
      plugins_s3_object_version,
      plugins_s3_path,
      requirements_s3_object_version,
      requirements_s3_path,
      startup_script_s3_object_version,
      startup_script_s3_path,
    ]
  }

  # MWAA tries the role while it creates the environment.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.execution]
}

####################################################################################################
# Execution role
####################################################################################################

resource "aws_iam_role" "execution" {
  name               = "${var.name}-mwaa"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["airflow.amazonaws.com", "airflow-env.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "run"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

data "aws_iam_policy_document" "execution" {
  #checkov:skip=CKV_AWS_111:the actions on * have no resource level (tests hold the list); metrics are narrowed by namespace
  #checkov:skip=CKV_AWS_356:as above
  statement {
    sid       = "OwnHealth"
    actions   = ["airflow:PublishMetrics"]
    resources = ["arn:aws:airflow:${local.region}:${local.account}:environment/${var.name}"]
  }

  # The task preflight sees whether the pools are there: a task whose pool is missing never starts. Viewer only reads.
  statement {
    sid       = "SeePools"
    actions   = ["airflow:InvokeRestApi"]
    resources = ["arn:aws:airflow:${local.region}:${local.account}:role/${var.name}/Viewer"]
  }

  # Airflow's own database is cleaned once a month, by a command of Airflow's, for MWAA offers no other way.
  statement {
    sid       = "CleanOwnDatabase"
    actions   = ["airflow:CreateCliToken"]
    resources = ["arn:aws:airflow:${local.region}:${local.account}:environment/${var.name}"]
  }

  statement {
    sid       = "CodeBucket"
    actions   = ["s3:GetBucketLocation", "s3:GetBucketPublicAccessBlock", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:ListBucket", "s3:ListBucketVersions"]
    resources = [local.code_bucket]
  }

  statement {
    sid       = "Code"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${local.code_bucket}/*"]
  }

  statement {
    sid       = "AccountCheckOfMwaa"
    actions   = ["s3:GetAccountPublicAccessBlock"]
    resources = ["*"]
  }

  statement {
    sid       = "DataBucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [local.data_bucket]
  }

  statement {
    sid       = "ReadDumpsSnapshotsDocsAndState"
    actions   = ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"]
    resources = [for prefix in ["docs", "dumps", "dumps-manifest", "incidents", "processed", "snapshots", "status"] : "${local.data_bucket}/${prefix}/*"]
  }

  statement {
    sid       = "WriteSnapshotsArchiveDocsAndState"
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectTagging"]
    resources = [for prefix in ["docs", "incidents", "processed", "reference", "snapshots", "status"] : "${local.data_bucket}/${prefix}/*"]
  }

  # What is delivered for a report is only read, a template too; a list of tenants is written and never read back.
  statement {
    sid       = "ReadReportsAndTheirInputs"
    actions   = ["s3:GetObject"]
    resources = [for prefix in ["rent-roll", "reports/corrections", "reports/flash", "reports/rent-roll", "templates"] : "${local.data_bucket}/${prefix}/*"]
  }

  statement {
    sid       = "WriteReports"
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = ["${local.data_bucket}/reports/*"]
  }

  # The history as Parquet: read back before the database forgets a date. The catalogue needs nothing from the role.
  dynamic "statement" {
    for_each = local.history_parquet ? [true] : []

    content {
      sid       = "HistoryAsParquet"
      actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
      resources = ["${local.data_bucket}/history/*"]
    }
  }

  statement {
    sid       = "Connections"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = concat(var.connection_secret_arns, [local.slack_secret])
  }

  statement {
    sid       = "Alerts"
    actions   = ["sns:Publish"]
    resources = [var.alert_topic_arn]
  }

  statement {
    sid       = "RefreshDataSets"
    actions   = ["quicksight:CreateIngestion", "quicksight:DescribeDataSet", "quicksight:DescribeIngestion"]
    resources = ["arn:aws:quicksight:${local.region}:${local.account}:dataset/${var.name}-*"]
  }

  # Send names only to the model that the environment names, which runs in Japan; without one, send none.
  dynamic "statement" {
    for_each = local.nationality_profiles

    content {
      sid       = "AskTheLanguageModel"
      actions   = ["bedrock:InvokeModel"]
      resources = [statement.value]
    }
  }

  # AWS asks for the model itself, too, in each Region that the profile may lead to; by no other way than the profile.
  dynamic "statement" {
    for_each = local.nationality_profiles

    content {
      sid       = "ThroughItsProfileOnly"
      actions   = ["bedrock:InvokeModel"]
      resources = [for region in local.japan : "arn:aws:bedrock:${region}::foundation-model/${trimprefix(local.nationality_model, "jp.")}"]

      condition {
        test     = "StringEquals"
        variable = "bedrock:InferenceProfileArn"
        values   = [statement.value]
      }
    }
  }

  # The model is not asked while Bedrock keeps prompts in a log.
  dynamic "statement" {
    for_each = local.nationality_profiles

    content {
      sid       = "SeeWhetherPromptsAreLogged"
      actions   = ["bedrock:GetModelInvocationLoggingConfiguration"]
      resources = ["*"]
    }
  }

  # A restore to a point in time makes a new cluster beside the one of the environment, which itself it can only read.
  statement {
    sid     = "LookAtTheCluster"
    actions = ["rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters", "rds:DescribeDBInstances"]

    resources = [
      "${local.rds}:cluster:${var.aurora_cluster}*",
      "${local.rds}:cluster-snapshot:*",
      "${local.rds}:db:${var.aurora_cluster}*",
    ]
  }

  statement {
    sid     = "RestoreBesideTheCluster"
    actions = ["rds:AddTagsToResource", "rds:CreateDBInstance", "rds:RestoreDBClusterToPointInTime"]

    resources = [
      "${local.rds}:cluster-pg:${var.aurora_cluster}*",
      "${local.rds}:cluster:${var.aurora_cluster}",
      "${local.rds}:cluster:${var.aurora_cluster}-pitr-*",
      "${local.rds}:db:${var.aurora_cluster}-pitr-*",
      "${local.rds}:og:default:*",
      "${local.rds}:pg:default.*",
      "${local.rds}:subgrp:${var.aurora_cluster}*",
    ]
  }

  # Asked only to say when QuickSight's daily limit frees the next refresh.
  statement {
    sid       = "CountRefreshes"
    actions   = ["quicksight:ListIngestions"]
    resources = ["*"]
  }

  statement {
    sid       = "Metrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["AmazonMWAA", var.metric_namespace]
    }
  }

  # The streams of a deferred task are looked for by their beginning, else the UI shows nothing of it.
  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:GetLogGroupFields", "logs:GetLogRecord", "logs:GetQueryResults", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:${local.region}:${local.account}:log-group:airflow-${var.name}-*"]
  }

  statement {
    sid       = "FindLogs"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }

  # The queue belongs to the service's own account.
  statement {
    sid       = "Celery"
    actions   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:SendMessage"]
    resources = ["arn:aws:sqs:${local.region}:*:airflow-celery-*"]
  }

  # The new cluster's storage has the same key.
  statement {
    sid       = "KeyOfTheNewCluster"
    actions   = ["kms:CreateGrant"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["rds.${local.region}.amazonaws.com"]
    }

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }

  statement {
    sid       = "SeeThatKey"
    actions   = ["kms:DescribeKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["rds.${local.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in ["s3", "secretsmanager", "sns", "sqs"] : "${service}.${local.region}.amazonaws.com"]
    }
  }
}
