# One topic that mails the operators, and the alarms that work when Airflow is dead.
#
# Cost a month: about 20 alarms 2 USD, dashboard 3 USD (the first three are free), custom metrics 0.30 USD each, mails none.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.name
  topic_arn = "arn:aws:sns:${local.region}:${local.account}:${var.name}-alerts"
}

####################################################################################################
# Topic
####################################################################################################

resource "aws_sns_topic" "alerts" {
  name              = "${var.name}-alerts"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_policy" "alerts" {
  arn    = aws_sns_topic.alerts.arn
  policy = data.aws_iam_policy_document.topic.json
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "AlarmsAndBudget"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]

    principals {
      type        = "Service"
      identifiers = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

# Each address has to confirm the mail that SNS sends it.
resource "aws_sns_topic_subscription" "mail" {
  for_each = var.alert_emails

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = each.value
}

####################################################################################################
# Alarms
####################################################################################################

locals {
  minute = 60
  hour   = 3600
  day    = 86400

  # Silence is bad news: unless an alarm says otherwise, missing data is a breach.
  alarms = merge(
    {
      # The dead man's switch. A publish stays in sight for 25 hours, so a day without one is noticed about 09:00 JST.
      published = {
        text      = "No business day was published in the last 25 hours. Open gghouse_daily in Airflow; if Airflow itself does not answer, look at the alarm ${var.name}-scheduler."
        namespace = var.metric_namespace, metric = "published", dimensions = { Environment = var.name }
        statistic = "Sum", below = 1, period = local.hour, periods = 25
      }

      scheduler = {
        text      = "Airflow's scheduler has sent no heartbeat for 15 minutes. Look at the environment's state in the MWAA console, then at the scheduler's log."
        namespace = "AmazonMWAA", metric = "SchedulerHeartbeat", dimensions = { Environment = var.name, Function = "Scheduler" }
        statistic = "Sum", below = 1, period = 5 * local.minute, periods = 3
      }

      import-errors = {
        text      = "A DAG file cannot be imported. Open Airflow's front page for the trace, then roll the release back."
        namespace = "AmazonMWAA", metric = "ImportErrors", dimensions = { Environment = var.name, Function = "DAG Processing" }
        statistic = "Minimum", above = 0, period = 5 * local.minute, periods = 3
      }

      # Sent only when a run fails, so silence is good news here.
      run-failed = {
        text      = "A run of gghouse_daily failed. Its own mail says which task and what to do."
        namespace = "AmazonMWAA", metric = "DAGDurationFailed", dimensions = { Environment = var.name, DAG = "gghouse_daily" }
        statistic = "SampleCount", above = 0, period = 5 * local.minute, periods = 1, missing = "notBreaching"
      }

      # Sent by each load. In between nothing is known, so the alarm stays as it is: one mail when it begins, one at its end.
      rejected-rows = {
        text      = "A load rejected more rows with a key that another row has than are declared. Its own mail says which tables and since when."
        namespace = var.metric_namespace, metric = "load_undeclared_rejects", dimensions = { Environment = var.name }
        statistic = "Maximum", above = 0, period = local.day, periods = 1, missing = "ignore"
      }

      aurora-cpu = {
        text      = "The database's processor is above 80 % for 10 minutes. Look for long queries in Performance Insights."
        namespace = "AWS/RDS", metric = "CPUUtilization", dimensions = { DBClusterIdentifier = var.cluster_identifier, Role = "WRITER" }
        statistic = "Average", above = 80, period = 5 * local.minute, periods = 2
      }

      aurora-local-storage = {
        text      = "An instance of the database has less than 10 GB left for temporary tables. Look for a query that sorts or groups too much at once."
        namespace = "AWS/RDS", metric = "FreeLocalStorage", dimensions = { DBClusterIdentifier = var.cluster_identifier }
        statistic = "Minimum", below = 10 * pow(1024, 3), period = 5 * local.minute, periods = 3
      }

      aurora-memory = {
        text      = "An instance of the database has less than 200 MB of memory left. Look for too many connections or a query with a huge sort."
        namespace = "AWS/RDS", metric = "FreeableMemory", dimensions = { DBClusterIdentifier = var.cluster_identifier }
        statistic = "Minimum", below = 200 * pow(1024, 2), period = 5 * local.minute, periods = 3
      }

      aurora-connections = {
        text      = "More than 80 % of the database's connections are taken. Look who holds them in the process list."
        namespace = "AWS/RDS", metric = "DatabaseConnections", dimensions = { DBClusterIdentifier = var.cluster_identifier }
        statistic = "Maximum", above = floor(0.8 * var.max_connections), period = 5 * local.minute, periods = 2
      }
    },
    {
      # gghouse_watch reports ages three times a day, and the end of each business day once more; the youngest counts.
      for table in var.monitored_tables : "data-age-${replace(table, ".", "-")}" => {
        text      = "The newest row of ${table} is more than ${var.data_age_limit_days} days old, or was not checked for a day. See whether dumps arrive and whether their content is new."
        namespace = var.metric_namespace, metric = "data_age_days", dimensions = { Environment = var.name, Table = table }
        statistic = "Minimum", above = var.data_age_limit_days, period = local.day, periods = 1
      }
    }
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = can(each.value.below) ? "LessThanThreshold" : "GreaterThanThreshold"
  threshold           = try(each.value.below, each.value.above)
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  treat_missing_data  = try(each.value.missing, "breaching")

  # One mail when the alarm opens, one when it is resolved.
  alarm_actions = [aws_sns_topic.alerts.arn]
  ok_actions    = [aws_sns_topic.alerts.arn]
}

####################################################################################################
# Dashboard
####################################################################################################

locals {
  charts = {
    "Business days published" = { stat = "Sum", period = local.day, metrics = [[var.metric_namespace, "published", "Environment", var.name]] }
    "Age of the data, days" = { stat = "Minimum", period = local.day, metrics = [
      for table in var.monitored_tables : [var.metric_namespace, "data_age_days", "Environment", var.name, "Table", table]
    ] }
    "Scheduler heartbeats"     = { stat = "Sum", period = 300, metrics = [["AmazonMWAA", "SchedulerHeartbeat", "Environment", var.name, "Function", "Scheduler"]] }
    "Database: processor, %"   = { stat = "Average", period = 300, metrics = [["AWS/RDS", "CPUUtilization", "DBClusterIdentifier", var.cluster_identifier]] }
    "Database: connections"    = { stat = "Maximum", period = 300, metrics = [["AWS/RDS", "DatabaseConnections", "DBClusterIdentifier", var.cluster_identifier]] }
    "Database: bytes, cluster" = { stat = "Maximum", period = local.hour, metrics = [["AWS/RDS", "VolumeBytesUsed", "DBClusterIdentifier", var.cluster_identifier]] }
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "alarm", x = 0, y = 0, width = 24, height = 4
        properties = { title = "Alarms", alarms = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.arn] }
      }],
      [for index, title in keys(local.charts) : {
        type = "metric", x = (index % 3) * 8, y = 4 + floor(index / 3) * 6, width = 8, height = 6
        properties = {
          title   = title
          region  = local.region
          metrics = local.charts[title].metrics
          stat    = local.charts[title].stat
          period  = local.charts[title].period
        }
      }]
    )
  })
}

####################################################################################################
# Budget
####################################################################################################

resource "aws_budgets_budget" "monthly" {
  name         = "${var.name}-monthly"
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  notification {
    comparison_operator       = "GREATER_THAN"
    notification_type         = "ACTUAL"
    threshold                 = 80
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = [aws_sns_topic.alerts.arn]
  }

  notification {
    comparison_operator       = "GREATER_THAN"
    notification_type         = "FORECASTED"
    threshold                 = 100
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = [aws_sns_topic.alerts.arn]
  }
}
