mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name        = "gghouse-test"
  data_bucket = "data"
  kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"

  people = {
    property_manager = { principal_arns = ["arn:aws:iam::210987654321:role/reports"] }
    tenant_list      = { principal_arns = ["arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Operators"], mfa = false }
  }
}

run "the_property_manager_reads_reports_and_delivers_their_inputs" {
  assert {
    condition     = one([for each in data.aws_iam_policy_document.reports["property-manager"].statement : each.resources if contains(each.actions, "s3:GetObject")]) == toset(["arn:aws:s3:::data/reports/corrections/*", "arn:aws:s3:::data/reports/flash/*", "arn:aws:s3:::data/reports/rent-roll/*"])
    error_message = "The property manager reads the reports, and never the list of tenants."
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.reports["property-manager"].statement : each.resources if contains(each.actions, "s3:PutObject")]) == toset(["arn:aws:s3:::data/rent-roll/*", "arn:aws:s3:::data/templates/flash_report/*"])
    error_message = "The property manager delivers rent rolls and templates, and changes no report."
  }
}

run "the_list_of_tenants_is_for_its_own_role" {
  assert {
    condition     = one([for each in data.aws_iam_policy_document.reports["tenant-list"].statement : each.resources if contains(each.actions, "s3:GetObject")]) == toset(["arn:aws:s3:::data/reports/tenants/*"])
    error_message = "Who may fetch the list of tenants may fetch nothing else."
  }

  assert {
    condition     = !anytrue([for each in data.aws_iam_policy_document.reports["tenant-list"].statement : contains(each.actions, "s3:PutObject") || contains(each.actions, "kms:GenerateDataKey")])
    error_message = "Who fetches the list writes nothing."
  }

  # The bucket's policy, in the module storage, lets through a role of this name.
  assert {
    condition     = aws_iam_role.person["tenant-list"].name == "gghouse-test-tenant-list"
    error_message = "The policy of the bucket knows the role by its name."
  }
}

run "nobody_sees_that_there_is_more" {
  assert {
    condition = alltrue([
      for document in data.aws_iam_policy_document.reports : alltrue([
        for each in document.statement : one(each.condition).variable == "s3:prefix" && alltrue([for value in one(each.condition).values : length(regexall("^(reports/[a-z-]+|rent-roll|templates/flash_report)/\\*$", value)) == 1]) if contains(each.actions, "s3:ListBucket")
      ])
    ])
    error_message = "A role lists the folders that it may open, and no other."
  }

  assert {
    condition     = toset(flatten([for document in data.aws_iam_policy_document.reports : [for each in document.statement : each.actions]])) == toset(["kms:Decrypt", "kms:GenerateDataKey", "s3:AbortMultipartUpload", "s3:GetObject", "s3:ListBucket", "s3:PutObject"])
    error_message = "Nothing is deleted, and no older version is read."
  }
}

run "who_is_named_enters_with_a_second_factor_unless_its_directory_asks_for_it" {
  assert {
    condition     = one(one(data.aws_iam_policy_document.trust["property-manager"].statement[0].principals).identifiers) == "arn:aws:iam::210987654321:role/reports" && one(data.aws_iam_policy_document.trust["property-manager"].statement[0].condition).variable == "aws:MultiFactorAuthPresent"
    error_message = "Who is named may assume the role, with a second factor."
  }

  assert {
    condition     = length(data.aws_iam_policy_document.trust["tenant-list"].statement[0].condition) == 0
    error_message = "Sessions of IAM Identity Center do not say that there was a second factor."
  }
}

run "nobody_by_default" {
  variables {
    people = {}
  }

  assert {
    condition     = length(aws_iam_role.person) == 0 && output.addresses == {}
    error_message = "A role that nobody may assume is not made."
  }
}

run "the_addresses_lead_to_the_folders" {
  assert {
    condition     = output.addresses["property-manager"].folders["rent-roll"] == "https://ap-northeast-1.console.aws.amazon.com/s3/buckets/data?prefix=rent-roll/" && endswith(output.addresses["tenant-list"].assume, "account=123456789012&roleName=gghouse-test-tenant-list")
    error_message = "A person finds the folder without seeing the bucket's other contents."
  }
}

run "refuses_everybody" {
  command = plan

  variables {
    people = { tenant_list = { principal_arns = ["*"] } }
  }

  expect_failures = [var.people]
}
