# One secret for each database user. A secret serves three readers at once: Airflow's Secrets Manager backend (which
# knows `engine`, `username` and `host` as names of a connection's parts), AWS's rotation function, and QuickSight.
#
# The first password is drawn by Secrets Manager and written without touching plan or state (write-only argument). The
# user in the database gets it from `python -m infra database`. Cost: 0.40 USD a month each.

locals {
  # All but the BI reader's are Airflow connections; the BI reader's lies where the execution role cannot look.
  secrets = {
    loader  = "${var.connections_prefix}/aurora_loader"
    restore = "${var.connections_prefix}/aurora_restore"
    dbt     = "${var.connections_prefix}/aurora_dbt"
    bi      = "${var.name}/aurora_bi"
  }
}

ephemeral "aws_secretsmanager_random_password" "this" {
  for_each = local.secrets

  password_length     = 32
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "this" {
  for_each = local.secrets

  name                    = each.value
  description             = "Login of the database user ${each.key}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_window_days
}

resource "aws_secretsmanager_secret_version" "first" {
  for_each = local.secrets

  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo_version = 1
  secret_string_wo = jsonencode({
    engine   = "mysql"
    host     = var.host # the writer: rotation alters the user
    port     = var.port
    username = each.key
    password = ephemeral.aws_secretsmanager_random_password.this[each.key].random_password
    extra    = { ssl_ca = var.ca_bundle_path }
  })
}

####################################################################################################
# Rotation by AWS's own function for MySQL, once a month
####################################################################################################

# Lambda would make it itself, for ever.
resource "aws_cloudwatch_log_group" "rotation" {
  #checkov:skip=CKV_AWS_338:whether a rotation worked is of use until the next one
  name              = "/aws/lambda/${var.name}-rotation"
  retention_in_days = 60
  kms_key_id        = var.kms_key_arn
}

resource "aws_serverlessapplicationrepository_cloudformation_stack" "rotation" {
  name             = "${var.name}-rotation"
  application_id   = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSMySQLRotationSingleUser"
  semantic_version = "1.1.671"
  capabilities     = ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"]

  parameters = {
    functionName        = "${var.name}-rotation"
    endpoint            = "https://secretsmanager.${data.aws_region.current.name}.amazonaws.com"
    vpcSubnetIds        = join(",", var.subnet_ids)
    vpcSecurityGroupIds = var.security_group_id
    kmsKeyArn           = var.kms_key_arn
    excludeCharacters   = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
  }

  depends_on = [aws_cloudwatch_log_group.rotation]
}

data "aws_region" "current" {}

# Secrets Manager logs in as the user at once, also when nothing is to be rotated yet; where that fails, the half-made
# version it leaves can block later rotations. So the users come first.
resource "aws_secretsmanager_secret_rotation" "this" {
  for_each = { for user, name in local.secrets : user => name if var.rotation_enabled }

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = aws_serverlessapplicationrepository_cloudformation_stack.rotation.outputs.RotationLambdaARN
  rotate_immediately  = false

  # On the first of each month, 13:00 to 15:00 JST: without a window it would be any minute of the UTC day, those between
  # the run's start and the dashboards among them. Secrets Manager knows no time zone but UTC.
  rotation_rules {
    schedule_expression = "cron(0 4 1 * ? *)"
    duration            = "2h"
  }

  depends_on = [aws_secretsmanager_secret_version.first]
}

####################################################################################################
# The Slack webhook
####################################################################################################

# Empty until somebody puts the webhook's address there, by which a message goes to Slack as well as by mail:
# aws secretsmanager put-secret-value --secret-id airflow/connections/slack_alerts --secret-string file://slack.json
# with {"conn_type": "http", "password": "https://hooks.slack.com/services/..."}. Terraform never sees it.
resource "aws_secretsmanager_secret" "slack" {
  #checkov:skip=CKV2_AWS_57:Slack gives the address out and knows no rotation; a person puts a new one there
  name                    = "${var.connections_prefix}/slack_alerts"
  description             = "Airflow connection whose password is the address of a Slack webhook; may stay empty"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_window_days
}
