mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name               = "gghouse-test"
  environment        = "test"
  repository         = "owner/name"
  mwaa_bucket        = "code"
  execution_role_arn = "arn:aws:iam::123456789012:role/mwaa"
  kms_key_arn        = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "one_repository_one_environment" {
  assert {
    condition     = contains(flatten([for condition in data.aws_iam_policy_document.trust.statement[0].condition : condition.values]), "repo:owner/name:environment:test")
    error_message = "Only the protected environment of one repository may assume the role."
  }
}

run "plans_from_main_alone" {
  assert {
    condition     = [for condition in data.aws_iam_policy_document.plan_trust.statement[0].condition : one(condition.values) if endswith(condition.variable, ":sub")] == ["repo:owner/name:ref:refs/heads/main"]
    error_message = "Only what was merged may read the state."
  }

  assert {
    condition     = toset(flatten([for each in data.aws_iam_policy_document.plan.statement : tolist(each.actions)])) == toset(["kms:Decrypt", "s3:GetObject", "s3:ListBucket", "secretsmanager:GetRandomPassword", "ssm:GetParameter"])
    error_message = "The role that plans reads the state, and neither data nor secrets."
  }
}

run "refuses_wildcards" {
  command = plan

  variables {
    repository = "owner/*"
  }

  expect_failures = [var.repository]
}
