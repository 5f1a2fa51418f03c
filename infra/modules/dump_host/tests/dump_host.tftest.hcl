mock_provider "aws" {
  source = "../../check/mocks"

  mock_resource "aws_rolesanywhere_trust_anchor" {
    defaults = { arn = "arn:aws:rolesanywhere:ap-northeast-1:123456789012:trust-anchor/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  name        = "gghouse-test"
  data_bucket = "data"
  kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "adds_dumps_and_manifests_and_nothing_else" {
  assert {
    condition     = flatten([for each in data.aws_iam_policy_document.deliver.statement : tolist(each.resources) if each.sid == "AddDumpsAndManifests"]) == ["arn:aws:s3:::data/dumps-manifest/*", "arn:aws:s3:::data/dumps/*"]
    error_message = "The host may write below dumps/ and dumps-manifest/ only."
  }

  assert {
    condition     = toset(flatten([for each in data.aws_iam_policy_document.deliver.statement : tolist(each.actions)])) == toset(["kms:Decrypt", "kms:GenerateDataKey", "s3:AbortMultipartUpload", "s3:PutObject"])
    error_message = "The host may neither read nor delete."
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.deliver.statement : join(",", one(each.condition).values) if each.sid == "Key"]) == "s3.ap-northeast-1.amazonaws.com"
    error_message = "The host may use the key through S3 only."
  }
}

run "a_machine_of_this_account_by_default" {
  assert {
    condition     = flatten([for each in data.aws_iam_policy_document.trust.statement : [for who in each.principals : tolist(who.identifiers)]]) == ["ec2.amazonaws.com"] && output.instance_profile == "gghouse-test-dump-host"
    error_message = "By default a machine of this account has the role, by its instance profile."
  }
}

run "a_role_that_does_not_exist_yet" {
  variables {
    trusted = { ec2 = false, role_arns = ["arn:aws:iam::210987654321:role/vendor/dump-host"] }
  }

  assert {
    condition     = flatten([for each in data.aws_iam_policy_document.trust.statement : [for who in each.principals : tolist(who.identifiers)]]) == ["arn:aws:iam::210987654321:root"]
    error_message = "A principal that does not exist fails the apply; the account always exists."
  }

  assert {
    condition     = one(one(data.aws_iam_policy_document.trust.statement).condition).values == tolist(["arn:aws:iam::210987654321:role/vendor/dump-host"]) && output.instance_profile == null
    error_message = "Of the other account that one role alone is trusted."
  }
}

run "a_machine_with_a_certificate" {
  variables {
    trusted = { ec2 = false, certificate_authority = "-----BEGIN CERTIFICATE-----", certificate_name = "dump-host" }
  }

  assert {
    condition     = toset([for each in one(data.aws_iam_policy_document.trust.statement).condition : each.variable]) == toset(["aws:PrincipalTag/x509Subject/CN", "aws:SourceArn"]) && output.roles_anywhere != null
    error_message = "One name of one authority alone is trusted."
  }
}

run "refuses_any_certificate_of_an_authority" {
  command = plan

  variables {
    trusted = { certificate_authority = "-----BEGIN CERTIFICATE-----" }
  }

  expect_failures = [var.trusted]
}

run "refuses_a_role_that_nobody_can_have" {
  command = plan

  variables {
    trusted = { ec2 = false }
  }

  expect_failures = [var.trusted]
}

run "refuses_wildcards" {
  command = plan

  variables {
    trusted = { role_arns = ["arn:aws:iam::210987654321:role/*"] }
  }

  expect_failures = [var.trusted]
}
