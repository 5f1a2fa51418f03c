mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name              = "gghouse-test"
  host              = "db.internal"
  port              = 3306
  bi_secret_arn     = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:gghouse-test/aurora_bi-AbCdEf"
  subnet_ids        = ["subnet-1", "subnet-2"]
  security_group_id = "sg-1"
  kms_key_arn       = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"

  users = {
    author = { email = "author@example.com", organisation = "asset_manager", author = true }
    reader = { email = "reader@example.com", organisation = "spc" }
  }
}

run "four_data_sets_in_spice" {
  assert {
    condition     = output.data_set_ids == ["gghouse-test-moveout_analysis", "gghouse-test-new_contracts", "gghouse-test-occupancy_daily_metrics", "gghouse-test-occupancy_property_map_latest"]
    error_message = "Four data sets, named after the environment and the gold table."
  }

  assert {
    condition     = alltrue([for data_set in aws_quicksight_data_set.this : data_set.import_mode == "SPICE" && one(data_set.physical_table_map).relational_table[0].schema == "gold"])
    error_message = "Readers query SPICE, filled from gold."
  }

  assert {
    condition     = !aws_quicksight_data_source.gold.ssl_properties[0].disable_ssl
    error_message = "QuickSight speaks TLS with the database."
  }
}

run "only_the_property_manager_exports" {
  assert {
    condition     = local.readers == { view = ["asset_manager", "pe_investor", "spc"], export = ["property_manager"] }
    error_message = "Three organisations may look, the property manager may export."
  }
}

run "users_by_organisation" {
  assert {
    condition     = aws_quicksight_user.this["reader"].user_role == "READER" && aws_quicksight_group_membership.organisation["reader"].group_name == "gghouse-test-spc"
    error_message = "A reader belongs to the group of the organisation."
  }

  assert {
    condition     = keys(aws_quicksight_group_membership.authors) == ["author"]
    error_message = "Only authors draw dashboards."
  }
}

run "refuses_strangers" {
  command = plan

  variables {
    users = { stranger = { email = "stranger@example.com", organisation = "somebody" } }
  }

  expect_failures = [var.users]
}
