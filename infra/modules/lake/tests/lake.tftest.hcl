mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name        = "gghouse-test"
  data_bucket = "data"
  kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "athena_finds_each_date_by_itself" {
  assert {
    condition     = toset(keys(aws_glue_catalog_table.history)) == toset(["building_occupancy_daily", "room_departures_daily", "tenant_daily_snapshots", "tenant_room_snapshot_daily"])
    error_message = "Each table that is written is in the catalogue."
  }

  assert {
    condition     = alltrue([for name, table in aws_glue_catalog_table.history : table.parameters["storage.location.template"] == "s3://data/history/${name}/snapshot_date=$${snapshot_date}/" && table.parameters["projection.enabled"] == "true" && table.parameters["projection.snapshot_date.range"] == "2025-05-11,NOW+1DAY"])
    error_message = "A date is where include/lake/partitions.py puts it, from the first date on, Tokyo's today included."
  }

  assert {
    condition     = alltrue([for table in aws_glue_catalog_table.history : one(table.partition_keys).name == "snapshot_date" && !contains([for column in one(table.storage_descriptor).columns : column.name], "snapshot_date")])
    error_message = "The date is in the path, and in no file."
  }

  assert {
    condition     = [for column in one(aws_glue_catalog_table.history["tenant_daily_snapshots"].storage_descriptor).columns : column.name] == ["tenant_id", "status", "contract_type"]
    error_message = "Names of tenants are in no catalogue."
  }

  assert {
    condition     = aws_glue_catalog_database.history.name == "gghouse_test_history"
    error_message = "Athena wants no hyphen in the name of a database."
  }
}

run "answers_are_encrypted_and_in_one_place" {
  assert {
    condition     = one(aws_athena_workgroup.history.configuration).enforce_workgroup_configuration && one(one(aws_athena_workgroup.history.configuration).result_configuration).output_location == "s3://data/athena/"
    error_message = "Nobody takes answers elsewhere."
  }

  assert {
    condition     = one(one(one(aws_athena_workgroup.history.configuration).result_configuration).encryption_configuration).encryption_option == "SSE_KMS"
    error_message = "Answers lie under our own key."
  }
}

run "a_reader_reads_the_history_and_writes_answers_only" {
  assert {
    condition     = one([for each in data.aws_iam_policy_document.reader.statement : each.resources if contains(each.actions, "s3:PutObject")]) == toset(["arn:aws:s3:::data/athena/*"])
    error_message = "Whoever asks changes no history."
  }

  assert {
    condition     = toset(flatten([for each in data.aws_iam_policy_document.reader.statement : each.resources if contains(each.actions, "s3:GetObject")])) == toset(["arn:aws:s3:::data/athena/*", "arn:aws:s3:::data/history/*"])
    error_message = "Whoever asks sees neither dumps nor snapshots, which name people."
  }
}

run "a_limit_that_athena_refuses" {
  command = plan

  variables {
    most_bytes_per_query = 1000
  }

  expect_failures = [var.most_bytes_per_query]
}
