mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name               = "gghouse-test"
  alert_emails       = ["a@example.com", "b@example.com"]
  cluster_identifier = "gghouse-test"
  max_connections    = 200
  metric_namespace   = "GGHouse"
  monthly_budget_usd = 100
  kms_key_arn        = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "dead_mans_switch" {
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["published"].treat_missing_data == "breaching" &&
      aws_cloudwatch_metric_alarm.this["published"].period * aws_cloudwatch_metric_alarm.this["published"].evaluation_periods == 25 * 3600 &&
      aws_cloudwatch_metric_alarm.this["published"].datapoints_to_alarm == 25
    )
    error_message = "A day without a publish is a breach, also when nothing is sent at all."
  }

  assert {
    condition     = [for name, alarm in aws_cloudwatch_metric_alarm.this : name if alarm.treat_missing_data != "breaching"] == ["rejected-rows", "run-failed"]
    error_message = "Only what is sent when something happens may take silence for no news."
  }
}

run "every_table_and_everybody" {
  assert {
    condition     = length([for name in keys(aws_cloudwatch_metric_alarm.this) : name if startswith(name, "data-age-")]) == 7
    error_message = "One alarm for each watched table."
  }

  assert {
    condition     = length(aws_sns_topic_subscription.mail) == 2 && alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length(alarm.ok_actions) == 1])
    error_message = "Every alarm mails, also when it is resolved."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["aurora-connections"].threshold == 160
    error_message = "The alarm is at 80 per cent of what the database admits."
  }

  # CloudWatch looks back at most a day at short periods and a week at hourly ones.
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.period * alarm.evaluation_periods <= (alarm.period < 3600 ? 86400 : 604800)])
    error_message = "CloudWatch refuses an alarm that looks back further."
  }

  # What PutMetricAlarm and PutCompositeAlarm say of names and descriptions.
  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.this), [aws_cloudwatch_metric_alarm.clock, aws_cloudwatch_composite_alarm.reminder]) : length(alarm.alarm_name) <= 255 && length(alarm.alarm_description) <= 1024])
    error_message = "CloudWatch refuses a longer name or description."
  }
}

run "a_database_in_trouble" {
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["aurora-cpu"].period * aws_cloudwatch_metric_alarm.this["aurora-cpu"].evaluation_periods == 300 &&
      aws_cloudwatch_metric_alarm.this["aurora-cpu"].threshold == 80
    )
    error_message = "Five minutes above 80 per cent are enough."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["aurora-credits"].comparison_operator == "LessThanThreshold" &&
      aws_cloudwatch_metric_alarm.this["aurora-credits"].statistic == "Minimum" &&
      aws_cloudwatch_metric_alarm.this["aurora-credits-charged"].threshold == 0
    )
    error_message = "A T class is watched for the end of its credits and for the first one charged."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["aurora-replica-lag"].dimensions.Role == "READER" && aws_cloudwatch_metric_alarm.this["aurora-replica-lag"].threshold == 10000
    error_message = "QuickSight reads from the readers, which must keep up."
  }
}

run "only_what_is_there_is_watched" {
  variables {
    burstable   = false
    has_readers = false
  }

  assert {
    condition     = length([for name in keys(aws_cloudwatch_metric_alarm.this) : name if startswith(name, "aurora-credits") || name == "aurora-replica-lag"]) == 0
    error_message = "A metric that is never sent would be an alarm that is always red."
  }
}

run "a_run_longer_than_an_hour" {
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["busy"].period * aws_cloudwatch_metric_alarm.this["busy"].datapoints_to_alarm == 3600 &&
      aws_cloudwatch_metric_alarm.this["busy"].evaluation_periods - aws_cloudwatch_metric_alarm.this["busy"].datapoints_to_alarm == 1 &&
      aws_cloudwatch_metric_alarm.this["busy"].statistic == "Maximum"
    )
    error_message = "Sixty minutes with running tasks set it off while they run; the pause before a retry does not hide them."
  }
}

run "a_mail_a_day_while_an_alarm_stands" {
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : strcontains(aws_cloudwatch_composite_alarm.reminder.alarm_rule, "ALARM(\"${alarm.alarm_name}\")")])
    error_message = "The reminder must know every alarm."
  }

  assert {
    condition     = startswith(aws_cloudwatch_composite_alarm.reminder.alarm_rule, "ALARM(\"gghouse-test-clock\") AND (ALARM(")
    error_message = "It comes at its time only, and only while one stands."
  }

  assert {
    condition     = length(aws_cloudwatch_composite_alarm.reminder.alarm_rule) <= 10240 && length(aws_cloudwatch_metric_alarm.this) < 100
    error_message = "CloudWatch takes rules of 10,240 characters about 100 alarms."
  }

  assert {
    condition     = aws_cloudwatch_composite_alarm.reminder.ok_actions == null && !aws_cloudwatch_metric_alarm.clock.actions_enabled
    error_message = "Neither the end of the reminder nor the clock itself is worth a mail."
  }
}

run "refuses_nobody" {
  command = plan

  variables {
    alert_emails = []
  }

  expect_failures = [var.alert_emails]
}
