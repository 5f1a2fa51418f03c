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

run "history_stays_in_the_database_by_default" {
  command = plan

  assert {
    condition     = length(module.lake) == 0 && output.lake == null
    error_message = "Nothing of Glue or Athena is made unless the setting says so."
  }
}

run "one_setting_switches_parquet_on" {
  command = plan

  variables {
    settings = { history_parquet = true }
  }

  assert {
    condition     = length(module.lake) == 1
    error_message = "The setting that the DAGs read makes the catalogue as well."
  }
}

run "refuses_odd_names" {
  command = plan

  variables {
    environment = "Production"
  }

  expect_failures = [var.environment]
}

run "a_way_in_by_default" {
  command = plan

  assert {
    condition     = length(module.access) == 1 && length(module.quicksight_subscription) == 0
    error_message = "People can enter; QuickSight is subscribed when somebody names the account."
  }
}

run "without_a_way_in_and_with_a_subscription" {
  command = plan

  variables {
    people                  = null
    quicksight_subscription = { account_name = "gghouse-test", notification_email = "a@example.com" }
  }

  assert {
    condition     = length(module.access) == 0 && length(module.quicksight_subscription) == 1
    error_message = "Both are one word each."
  }
}
