mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name                   = "gghouse-test"
  environment            = "test"
  mwaa_bucket            = "code"
  data_bucket            = "data"
  alert_topic_arn        = "arn:aws:sns:ap-northeast-1:123456789012:alerts"
  metric_namespace       = "GGHouse"
  quicksight_dataset_ids = ["gghouse-test-new_contracts", "gghouse-test-moveouts"]
  report_dataset_ids     = ["gghouse-test-correction_counts"]
  aurora_cluster         = "gghouse-test"
  readers_host           = "gghouse-test.cluster-ro"
  connections_prefix     = "airflow/connections"
  connection_secret_arns = ["arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:airflow/connections/aurora_loader-AbCdEf"]
  subnet_ids             = ["subnet-1", "subnet-2"]
  security_group_id      = "sg-1"
  kms_key_arn            = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "the_platform_is_configured" {
  assert {
    condition     = aws_mwaa_environment.this.airflow_version == "3.3.1" && aws_mwaa_environment.this.webserver_access_mode == "PRIVATE_ONLY"
    error_message = "Airflow 3.3.1 with a private web server unless the environment says otherwise."
  }

  assert {
    condition     = aws_mwaa_environment.this.airflow_configuration_options["gghouse.quicksight_datasets"] == "gghouse-test-new_contracts,gghouse-test-moveouts"
    error_message = "The DAG refreshes exactly the data sets given."
  }

  assert {
    condition     = aws_mwaa_environment.this.airflow_configuration_options["gghouse.report_datasets"] == "gghouse-test-correction_counts"
    error_message = "The day leaves the data sets of the reports to their own DAGs."
  }

  assert {
    condition     = aws_mwaa_environment.this.airflow_configuration_options["gghouse.code_bucket"] == "code" && aws_mwaa_environment.this.airflow_configuration_options["gghouse.mwaa_environment"] == "gghouse-test"
    error_message = "startup.sh finds the wheels, and the task preflight the pools."
  }

  assert {
    condition     = jsondecode(aws_mwaa_environment.this.airflow_configuration_options["secrets.backend_kwargs"]).connections_lookup_pattern == "^(aurora_.*|slack_alerts)$"
    error_message = "Only the database's connections and the webhook of the alerts are looked up in Secrets Manager."
  }

  assert {
    condition     = alltrue([for logs in [one(aws_mwaa_environment.this.logging_configuration).task_logs, one(aws_mwaa_environment.this.logging_configuration).worker_logs] : logs[0].enabled && logs[0].log_level == "INFO"])
    error_message = "MWAA's own default would hide the progress of a load."
  }
}

# What CreateEnvironment says of ConfigKey and ConfigValue; the provider does not look.
run "every_option_is_one_that_mwaa_takes" {
  variables {
    quicksight_dataset_ids = []
    report_dataset_ids     = []
  }

  assert {
    condition     = alltrue([for name in keys(aws_mwaa_environment.this.airflow_configuration_options) : length(name) <= 64 && can(regex("^[a-z]+([a-z0-9._]*[a-z0-9_]+)?$", name))])
    error_message = "The name of an option is at most 64 lower-case letters, digits, dots and underscores."
  }

  assert {
    condition     = alltrue([for value in values(aws_mwaa_environment.this.airflow_configuration_options) : length(value) <= 65536 && can(regex("^[ -~]+$", value))])
    error_message = "The value of an option is at least one and at most 65,536 ASCII characters: MWAA refuses an empty one."
  }

  assert {
    condition     = !contains(keys(aws_mwaa_environment.this.airflow_configuration_options), "gghouse.portfolio_rooms")
    error_message = "Without a number the constant of dbt_project.yml holds."
  }
}

run "each_setting_is_an_option" {
  variables {
    settings = {
      carry_over_unchanged      = false
      dump_layout               = "per_table"
      dump_poll_seconds         = 30
      dump_wait_minutes         = 120
      history_keep_days         = 400
      history_parquet           = true
      load_connections          = 4
      load_transport            = "program"
      minimum_dump_bytes        = 1048576
      nationality_model         = "jp.anthropic.claude-haiku-4-5-20251001-v1:0"
      nationality_names_per_day = 300
      portfolio_rooms           = 322
      require_manifest          = true
      source_database           = "gghouse"
      source_host               = "pms.example.com"
    }
  }

  assert {
    condition     = alltrue([for name, value in var.settings : aws_mwaa_environment.this.airflow_configuration_options["gghouse.${name}"] == value])
    error_message = "An environment's settings must reach the code."
  }

  assert {
    condition     = aws_mwaa_environment.this.airflow_configuration_options["gghouse.require_manifest"] == "true" && aws_mwaa_environment.this.airflow_configuration_options["gghouse.minimum_dump_bytes"] == "1048576"
    error_message = "Flags and numbers are written as include/settings.py reads them."
  }
}

run "a_setting_without_a_value_is_no_option" {
  variables {
    settings = { require_manifest = null, source_host = "" }
  }

  assert {
    condition     = length([for name in keys(aws_mwaa_environment.this.airflow_configuration_options) : name if contains(["gghouse.require_manifest", "gghouse.source_host"], name)]) == 0
    error_message = "MWAA refuses an empty option, and the platform's default must hold."
  }
}

run "a_setting_that_nobody_reads_is_refused" {
  command = plan

  variables {
    settings = { require_manifests = true }
  }

  expect_failures = [var.settings]
}

run "a_setting_of_the_wrong_kind_is_refused" {
  command = plan

  variables {
    settings = { require_manifest = "yes", portfolio_rooms = 0 }
  }

  expect_failures = [var.settings]
}

run "the_database_forgets_only_what_is_in_parquet" {
  command = plan

  variables {
    settings = { history_keep_days = 400 }
  }

  expect_failures = [var.settings]
}

run "without_parquet_the_role_does_not_reach_it" {
  assert {
    condition     = length([for each in data.aws_iam_policy_document.execution.statement : each if anytrue([for resource in each.resources : endswith(resource, "/history/*")])]) == 0
    error_message = "A right that nobody needs is not there."
  }
}

run "with_parquet_the_role_reads_and_writes_it_and_nothing_in_the_catalogue" {
  variables {
    settings = { history_parquet = true }
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.execution.statement : each.actions if each.resources == toset(["arn:aws:s3:::data/history/*"])]) == toset(["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"])
    error_message = "A partition is put and read back, and never deleted."
  }

  assert {
    condition     = !anytrue(flatten([for each in data.aws_iam_policy_document.execution.statement : [for action in each.actions : startswith(action, "glue:") || startswith(action, "athena:")]]))
    error_message = "Partitions are projected, so nobody registers them."
  }
}

run "without_a_language_model_the_role_has_no_right_in_bedrock" {
  variables {
    settings = { nationality_model = "" }
  }

  assert {
    condition     = length([for each in data.aws_iam_policy_document.execution.statement : each if anytrue([for action in each.actions : startswith(action, "bedrock:")])]) == 0
    error_message = "A right that nobody needs is a way for names to leave."
  }
}

run "with_one_the_role_asks_that_model_in_japan_and_no_other" {
  variables {
    settings = { nationality_model = "jp.anthropic.claude-haiku-4-5-20251001-v1:0" }
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.execution.statement : each.resources if each.sid == "AskTheLanguageModel"]) == toset(["arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/jp.anthropic.claude-haiku-4-5-20251001-v1:0"])
    error_message = "The role asks through the one profile."
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.execution.statement : each.resources if each.sid == "ThroughItsProfileOnly"]) == toset([for region in ["ap-northeast-1", "ap-northeast-3"] : "arn:aws:bedrock:${region}::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0"])
    error_message = "The model is asked in Tokyo and Osaka."
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.execution.statement : one(each.condition) if each.sid == "ThroughItsProfileOnly"]).variable == "bedrock:InferenceProfileArn"
    error_message = "The model is not asked past its profile, which would leave open in which Region."
  }

  assert {
    condition     = toset(flatten([for each in data.aws_iam_policy_document.execution.statement : [for action in each.actions : action if startswith(action, "bedrock:")]])) == toset(["bedrock:GetModelInvocationLoggingConfiguration", "bedrock:InvokeModel"])
    error_message = "Two rights are enough."
  }
}

run "a_language_model_outside_japan_is_refused" {
  command = plan

  variables {
    settings = { nationality_model = "global.anthropic.claude-haiku-4-5-20251001-v1:0" }
  }

  expect_failures = [var.settings]
}

run "a_language_model_that_is_no_profile_is_refused" {
  command = plan

  variables {
    settings = { nationality_model = "jp./../../*" }
  }

  expect_failures = [var.settings]
}

run "lineage_is_sent_only_where_an_environment_says_so" {
  variables {
    openlineage_transport = "{\"type\": \"http\", \"url\": \"https://lineage.example\"}"
  }

  assert {
    condition     = aws_mwaa_environment.this.airflow_configuration_options["openlineage.transport"] == var.openlineage_transport && aws_mwaa_environment.this.airflow_configuration_options["openlineage.namespace"] == var.name
    error_message = "Airflow must be told where to send events, and whose they are."
  }
}

run "lineage_is_off_by_default" {
  assert {
    condition     = length([for name in keys(aws_mwaa_environment.this.airflow_configuration_options) : name if startswith(name, "openlineage.")]) == 0
    error_message = "Nothing of OpenLineage may be configured unless an environment asks for it."
  }
}

run "a_transport_of_two_lines_is_refused" {
  command = plan

  variables {
    openlineage_transport = "{\"type\": \"http\",\n \"url\": \"https://lineage.example\"}"
  }

  expect_failures = [var.openlineage_transport]
}

run "a_transport_without_a_type_is_refused" {
  command = plan

  variables {
    openlineage_transport = "https://lineage.example"
  }

  expect_failures = [var.openlineage_transport]
}

run "the_role_reaches_its_own_data_sets_only" {
  assert {
    condition     = one([for each in data.aws_iam_policy_document.execution.statement : each.resources if each.sid == "RefreshDataSets"]) == toset(["arn:aws:quicksight:ap-northeast-1:123456789012:dataset/gghouse-test-*"])
    error_message = "The role must not refresh another environment's data sets."
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.execution.statement : each.resources if each.sid == "Connections"]) == toset(concat(var.connection_secret_arns, ["arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:airflow/connections/slack_alerts-??????"]))
    error_message = "The role reads the connections' secrets and no others."
  }
}

run "what_the_environment_logs_expires" {
  assert {
    condition     = toset([for group in aws_cloudwatch_log_group.this : group.name]) == toset([for kind in ["DAGProcessing", "Scheduler", "Task", "WebServer", "Worker"] : "airflow-gghouse-test-${kind}"])
    error_message = "The groups must bear the names into which MWAA writes, or it makes others that never expire."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 30 && group.kms_key_id == var.kms_key_arn])
    error_message = "Logs are kept for 30 days, under our key."
  }

  assert {
    condition     = contains(one([for each in data.aws_iam_policy_document.execution.statement : each.actions if each.sid == "Logs"]), "logs:DescribeLogStreams")
    error_message = "Airflow looks for the log streams of deferred tasks."
  }
}

run "the_role_reads_back_what_pages_show" {
  assert {
    condition     = one([for each in data.aws_iam_policy_document.execution.statement : each.resources if each.sid == "ReadDumpsSnapshotsDocsAndState"]) == toset([for prefix in ["docs", "dumps", "dumps-manifest", "incidents", "processed", "snapshots", "status"] : "arn:aws:s3:::data/${prefix}/*"])
    error_message = "Pages of the UI read docs/ and status/, the day reads the rest; reference/ is only written."
  }
}

run "the_role_makes_reports" {
  assert {
    condition     = one([for each in data.aws_iam_policy_document.execution.statement : each.resources if each.sid == "WriteReports"]) == toset(["arn:aws:s3:::data/reports/*"])
    error_message = "Reports are written below reports/, and nothing that people deliver is overwritten."
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.execution.statement : each.resources if each.sid == "ReadReportsAndTheirInputs"]) == toset([for prefix in ["rent-roll", "reports/corrections", "reports/flash", "reports/rent-roll", "templates"] : "arn:aws:s3:::data/${prefix}/*"])
    error_message = "The role reads rent rolls, templates and reports, but no list of tenants."
  }
}

run "the_role_cleans_its_own_airflow" {
  assert {
    condition     = one([for each in data.aws_iam_policy_document.execution.statement : each.resources if contains(each.actions, "airflow:CreateCliToken")]) == toset(["arn:aws:airflow:ap-northeast-1:123456789012:environment/gghouse-test"])
    error_message = "The monthly cleaning of Airflow's database needs a token of this environment, and of no other."
  }
}

run "the_role_sees_its_own_airflow_and_changes_nothing_in_it" {
  assert {
    condition     = one([for each in data.aws_iam_policy_document.execution.statement : each.resources if each.sid == "SeePools"]) == toset(["arn:aws:airflow:ap-northeast-1:123456789012:role/gghouse-test/Viewer"])
    error_message = "A task may look at Airflow as a viewer, no more."
  }
}

run "the_role_restores_beside_the_cluster_and_changes_nothing_of_it" {
  assert {
    condition = alltrue([for each in data.aws_iam_policy_document.execution.statement : alltrue([
      for action in each.actions : !startswith(action, "rds:Delete") && !startswith(action, "rds:Modify")
    ])])
    error_message = "The role must not change or delete a cluster."
  }

  assert {
    condition     = !contains(one([for each in data.aws_iam_policy_document.execution.statement : each.resources if each.sid == "RestoreBesideTheCluster"]), "*")
    error_message = "The role restores its own cluster only."
  }
}

run "micro_has_one_of_each" {
  variables {
    environment_class = "mw1.micro"
    min_workers       = 2
  }

  assert {
    condition     = aws_mwaa_environment.this.schedulers == 1 && aws_mwaa_environment.this.min_workers == 1 && aws_mwaa_environment.this.max_workers == 1 && aws_mwaa_environment.this.max_webservers == 1
    error_message = "mw1.micro takes one scheduler, one worker and one web server."
  }
}

run "refuses_a_version_without_deadlines" {
  command = plan

  variables {
    airflow_version = "3.0.6"
  }

  expect_failures = [var.airflow_version]
}

run "refuses_foreign_data_sets" {
  command = plan

  variables {
    quicksight_dataset_ids = ["new_contracts"]
  }

  expect_failures = [var.quicksight_dataset_ids]
}

run "refuses_foreign_data_sets_of_reports" {
  command = plan

  variables {
    report_dataset_ids = ["correction_counts"]
  }

  expect_failures = [var.report_dataset_ids]
}

run "refuses_fewer_workers_at_most_than_at_least" {
  command = plan

  variables {
    min_workers = 3
  }

  expect_failures = [var.max_workers]
}
