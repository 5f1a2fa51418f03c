mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name = "gghouse"
}

run "state_is_kept" {
  assert {
    condition     = output.state_bucket != "" && aws_s3_bucket.state.bucket == "gghouse-tfstate-123456789012"
    error_message = "The bucket must bear the account's number, for bucket names are worldwide."
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "A broken state must be recoverable from an older version."
  }

  assert {
    condition     = aws_s3_bucket.state.force_destroy != true
    error_message = "A bucket with state must refuse to be destroyed."
  }
}

run "refuses_capitals" {
  command = plan

  variables {
    name = "GGHouse"
  }

  expect_failures = [var.name]
}
