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
# Rotation by AWS's own function for MySQL, a new password every `rotation_days`
####################################################################################################

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
}

data "aws_region" "current" {}

resource "aws_secretsmanager_secret_rotation" "this" {
  for_each = local.secrets

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = aws_serverlessapplicationrepository_cloudformation_stack.rotation.outputs.RotationLambdaARN
  # The user may not exist in the database yet.
  rotate_immediately = false

  rotation_rules {
    automatically_after_days = var.rotation_days
  }
}
