# Aurora MySQL 3 (MySQL 8.0), private, encrypted, reachable over TLS only.
#
# | choice                          | USD a month, Tokyo | when                                                              |
# |---------------------------------|--------------------|-------------------------------------------------------------------|
# | 2 x db.t4g.medium (default)     | 165                | a reader that takes over within a minute and serves QuickSight    |
# | 1 x db.t4g.medium               | 83                 | development                                                       |
# | serverless v2, 0.5 to 4 ACU     | 75 to 585          | a load of one hour a day; 0.5 ACU idles at 37 per instance        |
# | requests to storage, a million  | 0.24               | about 20 million: a nightly gigabyte in three generations         |
# | storage, per 10 GB              | 1.2                | bronze in three generations, history, silver, gold: about 15 GB   |
#
# T classes are the price's choice, not AWS's: it recommends them for development and test only, and has performance_schema
# off on db.t4g.medium, so that nobody sees who holds a lock. A day of this size fits them while their CPU credits last,
# which two alarms watch. The way out is `instance_class = "db.r7g.large"` or a serverless range.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.BestPractices.Performance.html
#
# Engine 3.10 is the line with long-term support. AWS says to leave automatic minor upgrades off there, since they would
# leave the line, which no later plan could take back; so its patches come by `engine_version`, by hand, once a year.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/AuroraMySQL.Updates.3100.html
# The master's password is made and rotated by RDS itself; no person knows it and it is in no state file.

locals {
  serverless = var.serverless_capacity != null
  burstable  = !local.serverless && startswith(var.instance_class, "db.t")
  # Parameters that need a restart say so; the others apply at once.
  parameters = {
    character_set_server = "utf8mb4"
    collation_server     = "utf8mb4_unicode_ci"
    time_zone            = "UTC"
    # Refuse every connection without TLS.
    require_secure_transport = "ON"
    tls_version              = "TLSv1.2,TLSv1.3"
    # The loader streams rows with LOAD DATA LOCAL.
    local_infile       = "1"
    max_allowed_packet = "67108864"
    slow_query_log     = "1"
    long_query_time    = "2"
    # Dead locks between a publish and a long reader are to be found in the error log.
    innodb_print_all_deadlocks = "1"
    innodb_lock_wait_timeout   = "50"
    # The earlier system had 1000 on 4 GB of memory; loader, dbt and QuickSight together need fewer than 50.
    max_connections = tostring(var.max_connections)
  }
  needs_restart = ["tls_version"]
  logs          = ["error", "slowquery"]
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_rds_cluster_parameter_group" "this" {
  name        = "${var.name}-cluster"
  family      = "aurora-mysql8.0"
  description = "${var.name}: utf8mb4, UTC, TLS only, LOAD DATA LOCAL, slow log"

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = contains(local.needs_restart, parameter.key) ? "pending-reboot" : "immediate"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_rds_cluster" "this" {
  #checkov:skip=CKV_AWS_139:production has it, development may go; the plan's policy holds production to it
  #checkov:skip=CKV_AWS_325:an audit log would write personal data of every statement into CloudWatch
  #checkov:skip=CKV2_AWS_8:seven days of point-in-time recovery cover it; bronze is rebuilt from the dump, history from S3
  #checkov:skip=CKV_AWS_162:MySQLdb, mysql-connector and QuickSight log in with rotated passwords; IAM tokens would expire inside a load
  #checkov:skip=CKV_AWS_326:backtrack does not exist in Aurora MySQL 3 with this instance class; point-in-time recovery does
  #checkov:skip=CKV2_AWS_27:a general query log would hold personal data; slow and error log are on
  cluster_identifier = var.name
  engine             = "aurora-mysql"
  engine_version     = var.engine_version

  master_username               = "admin"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.kms_key_arn

  db_subnet_group_name            = aws_db_subnet_group.this.name
  vpc_security_group_ids          = [var.security_group_id]
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this.name

  storage_encrypted = true
  kms_key_id        = var.kms_key_arn

  # 12:00 to 14:00 JST: far from the dump (05:30), the run (07:00) and the reading (08:00).
  backup_retention_period      = var.backup_retention_days
  preferred_backup_window      = "03:00-04:00"
  preferred_maintenance_window = "mon:04:00-mon:05:00"
  copy_tags_to_snapshot        = true

  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.deletion_protection
  final_snapshot_identifier = var.deletion_protection ? "${var.name}-final" : null

  enabled_cloudwatch_logs_exports = local.logs

  dynamic "serverlessv2_scaling_configuration" {
    for_each = local.serverless ? [var.serverless_capacity] : []

    content {
      min_capacity = serverlessv2_scaling_configuration.value.min
      max_capacity = serverlessv2_scaling_configuration.value.max
    }
  }

  # RDS would make the groups itself, for ever and without our key.
  depends_on = [aws_cloudwatch_log_group.this]
}

resource "aws_rds_cluster_instance" "this" {
  #checkov:skip=CKV_AWS_226:they would leave the line with long-term support
  #checkov:skip=CKV_AWS_354:Performance Insights uses the account's RDS key; it holds query digests without values
  count = var.instance_count

  identifier         = "${var.name}-${count.index + 1}"
  cluster_identifier = aws_rds_cluster.this.id
  engine             = aws_rds_cluster.this.engine
  engine_version     = aws_rds_cluster.this.engine_version
  instance_class     = local.serverless ? "db.serverless" : var.instance_class

  publicly_accessible        = false
  auto_minor_version_upgrade = false
  promotion_tier             = count.index

  performance_insights_enabled          = true
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn

  # RDS looks whether the role may do it.
  depends_on = [aws_iam_role_policy_attachment.monitoring]
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:slow queries and errors are of use for weeks, not for a year
  for_each = toset(local.logs)

  name              = "/aws/rds/cluster/${var.name}/${each.value}"
  retention_in_days = 30
  kms_key_id        = var.kms_key_arn
}

resource "aws_iam_role" "monitoring" {
  name               = "${var.name}-rds-monitoring"
  assume_role_policy = data.aws_iam_policy_document.monitoring_trust.json
}

data "aws_iam_policy_document" "monitoring_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
