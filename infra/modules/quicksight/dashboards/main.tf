# The dashboards: each definition `<id>.json` beside this file becomes two published dashboards, one in each folder.
# `python -m infra dashboards write` makes the definitions from the YAML of the same name; nobody draws.
#
# CloudFormation and not aws_quicksight_dashboard: it takes the definition as the API knows it, publishes each update,
# and goes back to the old dashboard when QuickSight refuses the new one. A definition that QuickSight refuses fails the
# apply, because the validation is strict.
#
# CloudFormation acts with the rights of whoever applies: Create-, Update-, Delete- and DescribeDashboard, the same of
# their permissions, UpdateDashboardPublishedVersion, UpdateDashboardLinks, PassDataSet, DescribeTheme, DescribeTemplate,
# Create- and DeleteFolderMembership, ListFoldersForResource, and tagging.
#
# ARNs are put together from names, so that a plan shows the whole template.

locals {
  directory = coalesce(var.directory, path.module)
  ids       = sort([for file in fileset(local.directory, "*.json") : trimsuffix(file, ".json")])
  arn       = "arn:aws:quicksight:${var.region}:${var.account_id}"

  # What each definition uses is read from the definition itself.
  used = {
    for id in local.ids : id => sort(distinct(flatten(regexall("\"DataSetIdentifier\":\\s*\"([^\"]+)\"", file("${local.directory}/${id}.json")))))
  }

  titles = { for id in local.ids : id => yamldecode(file("${local.directory}/${id}.yml")).title }

  published = {
    for pair in setproduct(local.ids, keys(var.folders)) : join("/", pair) => {
      id     = pair[0]
      folder = var.folders[pair[1]]

      # Readers keep the address of a dashboard: it never changes.
      dashboard_id = "${var.name}-${replace(pair[0], "_", "-")}${var.folders[pair[1]].suffix}"
    }
  }

  look = ["quicksight:DescribeDashboard", "quicksight:ListDashboardVersions", "quicksight:QueryDashboard"]

  # An author saves a dashboard as an analysis, to try a change that then comes back as YAML. Only an owner may.
  own = concat(local.look, [
    "quicksight:DeleteDashboard",
    "quicksight:DescribeDashboardPermissions",
    "quicksight:UpdateDashboard",
    "quicksight:UpdateDashboardPermissions",
    "quicksight:UpdateDashboardPublishedVersion",
  ])
}

resource "aws_cloudformation_stack" "dashboard" {
  #checkov:skip=CKV_AWS_124:the apply waits for the stack and prints why it failed
  for_each = local.published

  name       = "${each.value.dashboard_id}-dashboard"
  on_failure = "DELETE" # a stack that was never whole would be in the way of the next apply

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "Dashboard ${each.value.id} of ${var.name}"

    Resources = {
      Dashboard = {
        Type = "AWS::QuickSight::Dashboard"

        Properties = {
          AwsAccountId       = var.account_id
          DashboardId        = each.value.dashboard_id
          Name               = "${local.titles[each.value.id].ja} ${local.titles[each.value.id].en}"
          VersionDescription = "Definition ${substr(filesha256("${local.directory}/${each.value.id}.json"), 0, 12)}"
          ValidationStrategy = { Mode = "STRICT" }
          FolderArns         = ["${local.arn}:folder/${each.value.folder.id}"]

          DashboardPublishOptions = {
            ExportToCSVOption = { AvailabilityStatus = each.value.folder.export ? "ENABLED" : "DISABLED" }
          }

          Definition = merge(jsondecode(file("${local.directory}/${each.value.id}.json")), {
            DataSetIdentifierDeclarations = [
              for table in local.used[each.value.id] : {
                Identifier = table
                DataSetArn = "${local.arn}:dataset/${var.data_set_ids[table]}"
              }
            ]
          })

          Permissions = concat(
            [{ Principal = "${local.arn}:group/default/${var.authors}", Actions = local.own }],
            [for group in each.value.folder.readers : { Principal = "${local.arn}:group/default/${group}", Actions = local.look }],
          )
        }
      }
    }
  })
}
