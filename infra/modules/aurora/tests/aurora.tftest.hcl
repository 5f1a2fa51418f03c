mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name              = "gghouse-test"
  subnet_ids        = ["subnet-1", "subnet-2"]
  security_group_id = "sg-1"
  kms_key_arn       = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "private_encrypted_protected" {
  assert {
    condition     = alltrue([for instance in aws_rds_cluster_instance.this : !instance.publicly_accessible]) && length(aws_rds_cluster_instance.this) == 2
    error_message = "Two instances, neither public."
  }

  assert {
    condition     = aws_rds_cluster.this.storage_encrypted && aws_rds_cluster.this.deletion_protection && !aws_rds_cluster.this.skip_final_snapshot && aws_rds_cluster.this.backup_retention_period == 7
    error_message = "Encrypted, protected from deletion, a last snapshot, seven days of recovery."
  }

  assert {
    condition     = aws_rds_cluster.this.manage_master_user_password && aws_rds_cluster.this.master_password == null
    error_message = "The master's password is RDS's own affair."
  }
}

run "stays_on_the_line_with_long_term_support" {
  variables {
    engine_version = null
  }

  assert {
    condition     = alltrue([for instance in aws_rds_cluster_instance.this : !instance.auto_minor_version_upgrade])
    error_message = "An automatic upgrade would leave the line with long-term support, and no plan could go back."
  }

  assert {
    condition     = startswith(aws_rds_cluster.this.engine_version, "8.0.mysql_aurora.3.10.")
    error_message = "Without a version of its own an environment gets the tested one, of the line with long-term support."
  }
}

run "logs_expire_under_our_key" {
  assert {
    condition     = { for group in aws_cloudwatch_log_group.this : group.name => group.retention_in_days } == { for log in aws_rds_cluster.this.enabled_cloudwatch_logs_exports : "/aws/rds/cluster/gghouse-test/${log}" => 30 }
    error_message = "Every exported log has a group that expires."
  }
}

run "says_whether_there_are_credits_to_watch" {
  assert {
    condition     = output.burstable
    error_message = "The default class lives on CPU credits."
  }
}

run "a_memory_class_has_no_credits" {
  variables {
    instance_class = "db.r7g.large"
  }

  assert {
    condition     = !output.burstable
    error_message = "Only T classes send credits; an alarm on them would stand for ever elsewhere."
  }
}

run "parameters_the_loader_and_dbt_need" {
  assert {
    condition = { for parameter in aws_rds_cluster_parameter_group.this.parameter : parameter.name => parameter.value if contains(["require_secure_transport", "local_infile", "time_zone", "character_set_server", "collation_server"], parameter.name) } == {
      require_secure_transport = "ON"
      local_infile             = "1"
      time_zone                = "UTC"
      character_set_server     = "utf8mb4"
      collation_server         = "utf8mb4_unicode_ci"
    }
    error_message = "TLS only, LOAD DATA LOCAL, UTC and one collation everywhere."
  }
}

run "serverless" {
  variables {
    serverless_capacity = { min = 0.5, max = 4 }
    deletion_protection = false
  }

  assert {
    condition     = aws_rds_cluster_instance.this[0].instance_class == "db.serverless" && aws_rds_cluster.this.serverlessv2_scaling_configuration[0].max_capacity == 4
    error_message = "A capacity range makes the instances serverless."
  }

  assert {
    condition     = !output.burstable
    error_message = "Serverless instances have no CPU credits."
  }

  assert {
    condition     = aws_rds_cluster.this.skip_final_snapshot && aws_rds_cluster.this.final_snapshot_identifier == null
    error_message = "An unprotected cluster goes without a last snapshot."
  }
}

run "refuses_mysql_57" {
  command = plan

  variables {
    engine_version = "5.7.mysql_aurora.2.11.4"
  }

  expect_failures = [var.engine_version]
}

run "refuses_sleep" {
  command = plan

  variables {
    serverless_capacity = { min = 0, max = 4 }
  }

  expect_failures = [var.serverless_capacity]
}
