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
  name              = "gghouse-test"
  host              = "db.internal"
  port              = 3306
  ca_bundle_path    = "/usr/local/airflow/dags/rds-ap-northeast-1-bundle.pem"
  subnet_ids        = ["subnet-1", "subnet-2"]
  security_group_id = "sg-1"
  kms_key_arn       = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "one_secret_for_each_user" {
  assert {
    condition     = { for user, secret in aws_secretsmanager_secret.this : user => secret.name } == { loader = "airflow/connections/aurora_loader", restore = "airflow/connections/aurora_restore", dbt = "airflow/connections/aurora_dbt", bi = "gghouse-test/aurora_bi" }
    error_message = "Airflow finds loader, restore and dbt under its prefix, and not the BI reader."
  }

  assert {
    condition     = alltrue([for rotation in aws_secretsmanager_secret_rotation.this : rotation.rotation_rules[0].automatically_after_days == 30 && !rotation.rotate_immediately])
    error_message = "Every 30 days, and not before the users exist."
  }

  assert {
    condition     = alltrue([for version in aws_secretsmanager_secret_version.first : version.secret_string == null ? true : version.secret_string == ""])
    error_message = "No password may reach plan or state."
  }
}

run "refuses_a_year" {
  command = plan

  variables {
    rotation_days = 365
  }

  expect_failures = [var.rotation_days]
}
