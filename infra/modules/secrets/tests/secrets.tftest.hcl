# Terraform cannot mock ephemeral resources, so these run against the stand-in for AWS that the check command starts.
provider "aws" {
  region = "ap-northeast-1"
}

# The stand-in knows no serverless repository, and so no function to rotate with.
override_resource {
  target = aws_serverlessapplicationrepository_cloudformation_stack.rotation
  values = { outputs = { RotationLambdaARN = "arn:aws:lambda:ap-northeast-1:123456789012:function:mock" } }
}

override_resource {
  target = aws_secretsmanager_secret_rotation.this
}

variables {
  name                 = "gghouse-test"
  host                 = "db.internal"
  port                 = 3306
  ca_bundle_path       = "/usr/local/airflow/dags/rds-ap-northeast-1-bundle.pem"
  subnet_ids           = ["subnet-1", "subnet-2"]
  security_group_id    = "sg-1"
  kms_key_arn          = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  recovery_window_days = 0 # or the names would stay taken after the test
}

run "one_secret_for_each_user" {
  assert {
    condition     = { for user, secret in aws_secretsmanager_secret.this : user => secret.name } == { loader = "airflow/connections/aurora_loader", restore = "airflow/connections/aurora_restore", dbt = "airflow/connections/aurora_dbt", bi = "gghouse-test/aurora_bi" }
    error_message = "Airflow finds loader, restore and dbt under its prefix, and not the BI reader."
  }

  assert {
    condition     = length(aws_secretsmanager_secret_rotation.this) == 0
    error_message = "Nothing rotates before the users exist."
  }

  assert {
    condition     = aws_cloudwatch_log_group.rotation.name == "/aws/lambda/${aws_serverlessapplicationrepository_cloudformation_stack.rotation.parameters.functionName}" && aws_cloudwatch_log_group.rotation.retention_in_days == 60
    error_message = "The rotation's log expires after two rotations."
  }

  assert {
    condition     = alltrue([for version in aws_secretsmanager_secret_version.first : version.secret_string == null ? true : version.secret_string == ""])
    error_message = "No password may reach plan or state."
  }
}

run "rotates_in_the_afternoon_of_tokyo" {
  variables {
    rotation_enabled = true
  }

  assert {
    condition     = keys(aws_secretsmanager_secret_rotation.this) == keys(local.secrets) && alltrue([for rotation in aws_secretsmanager_secret_rotation.this : !rotation.rotate_immediately])
    error_message = "Every secret rotates, and none of them at once."
  }

  # 04:00 to 06:00 UTC; the patterns are those of RotateSecret, and the window must not reach into the next UTC day.
  assert {
    condition     = alltrue([for rotation in aws_secretsmanager_secret_rotation.this : rotation.rotation_rules[0].schedule_expression == "cron(0 4 1 * ? *)" && rotation.rotation_rules[0].duration == "2h" && rotation.rotation_rules[0].automatically_after_days == null])
    error_message = "A password changes between 13:00 and 15:00 JST, when no run needs it."
  }
}

run "a_place_for_the_slack_webhook" {
  command = plan

  assert {
    condition     = aws_secretsmanager_secret.slack.name == "airflow/connections/slack_alerts"
    error_message = "The webhook's secret must be the Airflow connection slack_alerts."
  }
}
