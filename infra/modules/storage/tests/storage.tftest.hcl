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

run "what_a_report_leaves_is_kept_as_long_as_it_is_of_use" {
  assert {
    condition = {
      for rule in aws_s3_bucket_lifecycle_configuration.data.rule : rule.filter[0].prefix => rule.expiration[0].days
      if length(rule.expiration) > 0 && strcontains(rule.filter[0].prefix, "re") && rule.id != "processed"
    } == { "reports/corrections/" = 400, "reports/flash/" = 2557, "reports/rent-roll/" = 2557, "reports/tenants/" = 7, "rent-roll/" = 400 }
    error_message = "Corrections and rent rolls for a year and a month, monthly reports for seven years, tenants for a week."
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.data.rule : rule.noncurrent_version_expiration[0].noncurrent_days if rule.id == "tenants"]) == 1
    error_message = "An expired list of tenants must not live on as an old version."
  }
}

run "the_list_of_tenants_is_refused_to_whoever_is_not_named" {
  assert {
    condition = one([
      for each in data.aws_iam_policy_document.bucket["data"].statement : one(each.condition) if each.effect == "Deny" && each.resources == toset(["arn:aws:s3:::gghouse-test-data-123456789012/reports/tenants/*"])
    ]) == { test = "ArnNotLike", variable = "aws:PrincipalArn", values = tolist(["arn:aws:iam::123456789012:role/gghouse-test-tenant-list", "arn:aws:iam::123456789012:root"]) }
    error_message = "Only the role tenant-list reads the list, and the account's root when nobody else is left."
  }

  assert {
    condition = alltrue([
      for each in data.aws_iam_policy_document.bucket["data"].statement : each.actions == toset(["s3:GetObject", "s3:GetObjectVersion"]) if each.sid == "TenantListForItsReaders"
    ])
    error_message = "The execution role writes the list, and an administrator can always change the policy."
  }

  assert {
    condition     = length([for document in [data.aws_iam_policy_document.bucket["mwaa"], data.aws_iam_policy_document.bucket["logs"]] : document if length(document.statement) > 2]) == 0
    error_message = "The other buckets have no such list."
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
