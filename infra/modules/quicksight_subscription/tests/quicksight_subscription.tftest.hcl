mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  account_name       = "gghouse-test"
  notification_email = "a@example.com"
}

run "users_of_both_kinds_in_the_edition_that_reaches_a_vpc" {
  assert {
    condition     = aws_quicksight_account_subscription.this.edition == "ENTERPRISE" && aws_quicksight_account_subscription.this.authentication_method == "IAM_AND_QUICKSIGHT"
    error_message = "The VPC connection needs Enterprise, and the readers' users are QuickSight's own."
  }
}

run "refuses_a_name_that_fits_no_address" {
  command = plan

  variables {
    account_name = "Tokyo Beta"
  }

  expect_failures = [var.account_name]
}

run "refuses_what_is_no_mail_address" {
  command = plan

  variables {
    notification_email = "nobody"
  }

  expect_failures = [var.notification_email]
}
