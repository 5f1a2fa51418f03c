# One topic that mails the operators, and the alarms that work when Airflow is dead.
#
# Cost a month: about 20 alarms 2 USD, the reminder 0.50 USD, dashboard 3 USD (the first three are free), custom metrics
# 0.30 USD each, mails none.

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

  database = { DBClusterIdentifier = var.cluster_identifier }

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

      # Airflow tells how long a run took only when it is over, so what is counted is that tasks run without a pause: on a
      # normal day it is quiet long before. Waiting for a dump is no running task, and has its own mails.
      busy = {
        text      = "Tasks have been running for 60 minutes without a pause of 10. On a normal day gghouse_daily is done long before: open it in Airflow and see which task still runs. A recovery of many days may take this long."
        namespace = "AmazonMWAA", metric = "RunningTasks", dimensions = { Environment = var.name, Function = "Executor" }
        statistic = "Maximum", above = 0, period = 5 * local.minute, periods = 13, of_them = 12
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
        text      = "The database's processor is above 80 % for 5 minutes. Look for long queries in Performance Insights."
        namespace = "AWS/RDS", metric = "CPUUtilization", dimensions = merge(local.database, { Role = "WRITER" })
        statistic = "Average", above = 80, period = local.minute, periods = 5
      }

      aurora-local-storage = {
        text      = "An instance of the database has less than 10 GB left for temporary tables. Look for a query that sorts or groups too much at once."
        namespace = "AWS/RDS", metric = "FreeLocalStorage", dimensions = local.database
        statistic = "Minimum", below = 10 * pow(1024, 3), period = 5 * local.minute, periods = 3
      }

      aurora-memory = {
        text      = "An instance of the database has less than 200 MB of memory left. Look for too many connections or a query with a huge sort."
        namespace = "AWS/RDS", metric = "FreeableMemory", dimensions = local.database
        statistic = "Minimum", below = 200 * pow(1024, 2), period = 5 * local.minute, periods = 3
      }

      aurora-connections = {
        text      = "More than 80 % of the database's connections are taken. Look who holds them in the process list."
        namespace = "AWS/RDS", metric = "DatabaseConnections", dimensions = local.database
        statistic = "Maximum", above = floor(0.8 * var.max_connections), period = 5 * local.minute, periods = 2
      }
    },
    # RDS sends credits for T classes only. A new instance begins with none and has enough after two hours.
    { for name, alarm in {
      aurora-credits = {
        text      = "An instance of the database has fewer than 48 CPU credits left, those of two hours. Without any, AWS charges for what it uses above its baseline. If this comes back, take a larger class; see infra/modules/aurora/main.tf."
        namespace = "AWS/RDS", metric = "CPUCreditBalance", dimensions = local.database
        statistic = "Minimum", below = 48, period = 5 * local.minute, periods = 3
      }

      aurora-credits-charged = {
        text      = "An instance of the database has used up its CPU credits, and AWS charges for more. Look for long queries in Performance Insights, or take a larger class; see infra/modules/aurora/main.tf."
        namespace = "AWS/RDS", metric = "CPUSurplusCreditsCharged", dimensions = local.database
        statistic = "Maximum", above = 0, period = 5 * local.minute, periods = 1
      }
    } : name => alarm if var.burstable },
    { for name, alarm in {
      aurora-replica-lag = {
        text      = "A reader of the database has been more than 10 seconds behind the writer for 5 minutes, so QuickSight may read old figures. Look for long queries on the reader, or too large a write."
        namespace = "AWS/RDS", metric = "AuroraReplicaLag", dimensions = merge(local.database, { Role = "READER" })
        statistic = "Maximum", above = 10000, period = local.minute, periods = 5 # milliseconds
      }
    } : name => alarm if var.has_readers },
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
  datapoints_to_alarm = try(each.value.of_them, each.value.periods)
  treat_missing_data  = try(each.value.missing, "breaching")

  # One mail when the alarm opens, one when it is resolved.
  alarm_actions = [aws_sns_topic.alerts.arn]
  ok_actions    = [aws_sns_topic.alerts.arn]

  # CloudWatch does not delete an alarm that the reminder still names, so the reminder changes first.
  lifecycle {
    create_before_destroy = true
  }
}

####################################################################################################
# One more mail a day while an alarm stands
####################################################################################################

# CloudWatch mails a change of state and no more. An alarm that is up for five minutes a day makes that change for all that
# stand, without a function, a schedule or a role. (Setting the alarms back each day would mail for the good ones as well,
# since they become OK again.)
resource "aws_cloudwatch_metric_alarm" "clock" {
  #checkov:skip=CKV_AWS_319:it only tells the time
  alarm_name          = "${var.name}-clock"
  alarm_description   = "Up from 09:15 to 09:20 JST. Not a problem; it times the reminder."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "breaching"
  actions_enabled     = false
  alarm_actions       = [aws_sns_topic.alerts.arn]

  # Hour and minute are UTC. Of the metric only the times count; any that is always sent would do.
  metric_query {
    id          = "due"
    expression  = "IF(HOUR(cpu) == 0 && MINUTE(cpu) >= 15 && MINUTE(cpu) < 20, 1, 0)"
    label       = "Time of the reminder"
    return_data = true
  }

  metric_query {
    id = "cpu"

    metric {
      namespace   = "AWS/RDS"
      metric_name = "CPUUtilization"
      dimensions  = local.database
      stat        = "Average"
      period      = 5 * local.minute
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "reminder" {
  alarm_name        = "${var.name}-reminder"
  alarm_description = "At least one alarm still stands; this mail comes every day at 09:15 JST until none does. Which: https://${local.region}.console.aws.amazon.com/cloudwatch/home?region=${local.region}#dashboards/dashboard/${var.name}"
  alarm_rule        = "ALARM(\"${aws_cloudwatch_metric_alarm.clock.alarm_name}\") AND (${join(" OR ", [for alarm in aws_cloudwatch_metric_alarm.this : "ALARM(\"${alarm.alarm_name}\")"])})"
  alarm_actions     = [aws_sns_topic.alerts.arn]
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
