mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name        = "gghouse-test"
  kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "snapshots_never_expire" {
  assert {
    condition     = alltrue([for rule in aws_s3_bucket_lifecycle_configuration.data.rule : length(rule.expiration) == 0 || rule.filter[0].prefix != "" && !startswith(rule.filter[0].prefix, "snapshots")])
    error_message = "History is rebuilt from snapshots/; no rule may delete there."
  }

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.this : bucket.force_destroy == false])
    error_message = "Full buckets survive a destroy unless the environment says otherwise."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this["mwaa"].versioning_configuration[0].status == "Enabled"
    error_message = "MWAA refuses a bucket without versions."
  }
}

run "dump_writers_write_dumps_only" {
  variables {
    dump_writer_role_arns = ["arn:aws:iam::210987654321:role/dump-host"]
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.bucket["data"].statement : each.resources if each.sid == "DumpWriters"]) == toset(["arn:aws:s3:::gghouse-test-data-123456789012/dumps/*", "arn:aws:s3:::gghouse-test-data-123456789012/dumps-manifest/*"])
    error_message = "Dump writers may add dumps and manifests and nothing else."
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.bucket["data"].statement : { (one(one(each.principals).identifiers)) = one(one(each.condition).values) } if each.sid == "DumpWriters"]) == { "arn:aws:iam::210987654321:root" = "arn:aws:iam::210987654321:role/dump-host" }
    error_message = "The principal must exist, or the apply fails: the account does, the role may not yet."
  }
}

run "refuses_a_week" {
  command = plan

  variables {
    dumps_keep_days = 7
  }

  expect_failures = [var.dumps_keep_days]
}
