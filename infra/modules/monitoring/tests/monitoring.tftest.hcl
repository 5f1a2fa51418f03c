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
}

run "refuses_nobody" {
  command = plan

  variables {
    alert_emails = []
  }

  expect_failures = [var.alert_emails]
}
