mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name = "gghouse-test"
}

run "rotates" {
  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key must rotate, and leave a month to change one's mind about deleting it."
  }

  assert {
    condition     = length(data.aws_iam_policy_document.key.statement) == 3
    error_message = "Without dump writers only the account's IAM and the three services may use the key."
  }
}

run "dump_writers_through_s3_only" {
  variables {
    dump_writer_role_arns = ["arn:aws:iam::210987654321:role/dump-host"]
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.key.statement : { for condition in each.condition : condition.variable => one(condition.values) } if each.sid == "DumpWriters"]) == { "aws:PrincipalArn" = "arn:aws:iam::210987654321:role/dump-host", "kms:ViaService" = "s3.ap-northeast-1.amazonaws.com" }
    error_message = "Dump writers may use the key through S3 only."
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.key.statement : one(one(each.principals).identifiers) if each.sid == "DumpWriters"]) == "arn:aws:iam::210987654321:root"
    error_message = "The principal must exist, or the apply fails: the account does, the role may not yet."
  }
}

run "refuses_users" {
  command = plan

  variables {
    dump_writer_role_arns = ["arn:aws:iam::210987654321:user/somebody"]
  }

  expect_failures = [var.dump_writer_role_arns]
}
