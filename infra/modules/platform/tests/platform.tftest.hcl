# Terraform cannot mock ephemeral resources, so these run against the stand-in for AWS that the check command starts.
provider "aws" {
  region = "ap-northeast-1"
}

variables {
  environment        = "test"
  protected          = true
  repository         = "owner/name"
  alert_emails       = ["a@example.com"]
  monthly_budget_usd = 100
}

run "without_quicksight_first" {
  command = plan

  assert {
    condition     = length(module.quicksight) == 0
    error_message = "QuickSight comes after the first green run."
  }
}

run "with_quicksight" {
  command = plan

  variables {
    quicksight_enabled = true
  }

  assert {
    condition     = length(module.quicksight) == 1
    error_message = "One switch sets QuickSight up."
  }
}

run "refuses_odd_names" {
  command = plan

  variables {
    environment = "Production"
  }

  expect_failures = [var.environment]
}
