mock_provider "aws" {}

variables {
  name       = "gghouse-test"
  account_id = "123456789012"
  region     = "ap-northeast-1"
  directory  = "./tests/definitions"
  authors    = "gghouse-test-authors"
  theme      = "gghouse-test"

  data_set_ids = {
    new_contracts                 = "gghouse-test-new_contracts"
    occupancy_daily_metrics       = "gghouse-test-occupancy_daily_metrics"
    occupancy_property_map_latest = "gghouse-test-occupancy_property_map_latest"
  }

  folders = {
    view   = { id = "gghouse-test-view", suffix = "", export = false, readers = ["gghouse-test-asset_manager", "gghouse-test-spc"] }
    export = { id = "gghouse-test-export", suffix = "-export", export = true, readers = ["gghouse-test-property_manager"] }
  }
}

run "each_definition_is_published_twice" {
  assert {
    condition = {
      for key, stack in aws_cloudformation_stack.dashboard : stack.name => yamldecode(stack.template_body).Resources.Dashboard.Properties.DashboardId
      } == {
      gghouse-test-two-sheets-dashboard        = "gghouse-test-two-sheets"
      gghouse-test-two-sheets-export-dashboard = "gghouse-test-two-sheets-export"
    }
    error_message = "Readers keep the addresses of dashboards; their ids never change."
  }

  assert {
    condition     = output.addresses["two_sheets/export"] == "https://ap-northeast-1.quicksight.aws.amazon.com/sn/dashboards/gghouse-test-two-sheets-export"
    error_message = "The output leads to the dashboard."
  }
}

run "only_one_of_them_gives_figures_away" {
  assert {
    condition = {
      for key, stack in aws_cloudformation_stack.dashboard : key => yamldecode(stack.template_body).Resources.Dashboard.Properties.DashboardPublishOptions.ExportToCSVOption.AvailabilityStatus
    } == { "two_sheets/view" = "DISABLED", "two_sheets/export" = "ENABLED" }
    error_message = "CSV from the folder with export only."
  }

  assert {
    condition = {
      for key, stack in aws_cloudformation_stack.dashboard : key => yamldecode(stack.template_body).Resources.Dashboard.Properties.FolderArns
      } == {
      "two_sheets/view"   = ["arn:aws:quicksight:ap-northeast-1:123456789012:folder/gghouse-test-view"]
      "two_sheets/export" = ["arn:aws:quicksight:ap-northeast-1:123456789012:folder/gghouse-test-export"]
    }
    error_message = "Each of the two lies in its own folder."
  }
}

run "the_theme_brings_the_colours" {
  assert {
    condition     = alltrue([for stack in aws_cloudformation_stack.dashboard : yamldecode(stack.template_body).Resources.Dashboard.Properties.ThemeArn == "arn:aws:quicksight:ap-northeast-1:123456789012:theme/gghouse-test"])
    error_message = "Each dashboard has the theme of its environment."
  }
}

run "readers_look_and_authors_own" {
  assert {
    condition = {
      for permission in yamldecode(aws_cloudformation_stack.dashboard["two_sheets/view"].template_body).Resources.Dashboard.Properties.Permissions :
      trimprefix(permission.Principal, "arn:aws:quicksight:ap-northeast-1:123456789012:group/default/gghouse-test-") => length(permission.Actions)
    } == { authors = 8, asset_manager = 3, spc = 3 }
    error_message = "Readers of the folder may look, nobody else but authors."
  }

  assert {
    condition = alltrue([
      for permission in yamldecode(aws_cloudformation_stack.dashboard["two_sheets/export"].template_body).Resources.Dashboard.Properties.Permissions :
      permission.Actions == ["quicksight:DescribeDashboard", "quicksight:ListDashboardVersions", "quicksight:QueryDashboard"]
      if !endswith(permission.Principal, "-authors")
    ])
    error_message = "A reader changes nothing."
  }
}

run "the_definition_is_the_file_with_the_data_sets_that_it_uses" {
  assert {
    condition = yamldecode(aws_cloudformation_stack.dashboard["two_sheets/view"].template_body).Resources.Dashboard.Properties.Definition == merge(
      jsondecode(file("./tests/definitions/two_sheets.json")),
      {
        DataSetIdentifierDeclarations = [
          for table in ["occupancy_daily_metrics", "occupancy_property_map_latest"] :
          { Identifier = table, DataSetArn = "arn:aws:quicksight:ap-northeast-1:123456789012:dataset/gghouse-test-${table}" }
        ]
      },
    )
    error_message = "Nothing is added but the two data sets."
  }

  assert {
    condition     = alltrue([for stack in aws_cloudformation_stack.dashboard : yamldecode(stack.template_body).Resources.Dashboard.Properties.ValidationStrategy.Mode == "STRICT" && stack.on_failure == "DELETE"])
    error_message = "QuickSight refuses what it does not understand, and nothing is left behind."
  }

  assert {
    condition     = yamldecode(aws_cloudformation_stack.dashboard["two_sheets/view"].template_body).Resources.Dashboard.Properties.Name == "二つのシート Two sheets"
    error_message = "The name is the title of the source."
  }
}

run "a_plan_after_the_apply_is_empty" {
  assert {
    condition = alltrue([
      for stack in aws_cloudformation_stack.dashboard :
      length(regexall("[^\\x00-\\x7F]", stack.template_body)) == 0 && startswith(stack.template_body, "---\n{") && endswith(stack.template_body, "}\n")
    ])
    error_message = "CloudFormation answers with question marks for what is not ASCII, and the provider turns JSON back into letters."
  }
}

run "no_definition_no_dashboard" {
  variables {
    directory = "./tests/stacks"
  }

  assert {
    condition     = length(aws_cloudformation_stack.dashboard) == 0
    error_message = "An empty folder is no mistake."
  }
}
