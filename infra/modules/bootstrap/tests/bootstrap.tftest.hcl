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

run "who_did_what_is_recorded" {
  assert {
    condition     = aws_cloudtrail.account.is_multi_region_trail && aws_cloudtrail.account.enable_log_file_validation && aws_cloudtrail.account.kms_key_id == aws_kms_key.state.arn
    error_message = "The trail is of all regions, encrypted, and a changed file is found out."
  }

  assert {
    condition     = toset([for each in concat(data.aws_iam_policy_document.trail.statement, data.aws_iam_policy_document.key.statement) : one([for condition in each.condition : one(condition.values) if condition.variable == "aws:SourceArn"]) if startswith(each.sid, "Trail")]) == toset(["arn:aws:cloudtrail:ap-northeast-1:123456789012:trail/gghouse-account"])
    error_message = "CloudTrail may write for this one trail only, not for another account's."
  }
}

run "nothing_is_public_or_in_the_clear" {
  assert {
    condition     = aws_s3_account_public_access_block.this.restrict_public_buckets && aws_s3_account_public_access_block.this.block_public_policy && aws_ebs_encryption_by_default.this.enabled
    error_message = "The account blocks public buckets and encrypts every new disk."
  }
}

run "refuses_capitals" {
  command = plan

  variables {
    name = "GGHouse"
  }

  expect_failures = [var.name]
}
