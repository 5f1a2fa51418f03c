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

run "refuses_wildcards" {
  command = plan

  variables {
    repository = "owner/*"
  }

  expect_failures = [var.repository]
}
