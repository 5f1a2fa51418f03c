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
#
# Templates are ASCII: CloudFormation deploys Japanese as it is, but answers with question marks when asked for a
# template (github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/814), and every plan would show a change.
# Letters beyond ASCII are therefore written as \u and their number. The provider undoes that in JSON, not in YAML, of
# which JSON is a part; the last line's end is what CloudFormation would add to a long one.

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

locals {
  base64 = split("", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

  resource = {
    for key, published in local.published : key => {
      Type = "AWS::QuickSight::Dashboard"

      Properties = {
        AwsAccountId       = var.account_id
        DashboardId        = published.dashboard_id
        Name               = "${local.titles[published.id].ja} ${local.titles[published.id].en}"
        VersionDescription = "Definition ${substr(filesha256("${local.directory}/${published.id}.json"), 0, 12)}"
        ValidationStrategy = { Mode = "STRICT" }
        ThemeArn           = "${local.arn}:theme/${var.theme}"
        FolderArns         = ["${local.arn}:folder/${published.folder.id}"]

        DashboardPublishOptions = {
          ExportToCSVOption = { AvailabilityStatus = published.folder.export ? "ENABLED" : "DISABLED" }
        }

        Definition = merge(jsondecode(file("${local.directory}/${published.id}.json")), {
          DataSetIdentifierDeclarations = [
            for table in local.used[published.id] : {
              Identifier = table
              DataSetArn = "${local.arn}:dataset/${var.data_set_ids[table]}"
            }
          ]
        })

        Permissions = concat(
          [{ Principal = "${local.arn}:group/default/${var.authors}", Actions = local.own }],
          [for group in published.folder.readers : { Principal = "${local.arn}:group/default/${group}", Actions = local.look }],
        )
      }
    }
  }

  template = { for key, value in local.resource : key => jsonencode({ Resources = { Dashboard = value } }) }

  # Each letter beyond ASCII and the three signs of base64 that hold the 16 bits of its number.
  letters = { for letter in distinct(flatten([for text in local.template : regexall("[^\\x00-\\x7F]", text)])) : letter => split("", textencodebase64(letter, "UTF-16BE")) }

  numbers = {
    for letter, signs in local.letters : letter => format(
      "\\u%04x",
      index(local.base64, signs[0]) * 1024 + index(local.base64, signs[1]) * 16 + floor(index(local.base64, signs[2]) / 4),
    )
  }

  ascii = {
    for key, text in local.template : key => "---\n${join("", [for part in regexall("[\\x00-\\x7F]+|[^\\x00-\\x7F]", text) : lookup(local.numbers, part, part)])}\n"
  }
}

resource "aws_cloudformation_stack" "dashboard" {
  #checkov:skip=CKV_AWS_124:the apply waits for the stack and prints why it failed
  for_each = local.published

  name       = "${each.value.dashboard_id}-dashboard"
  on_failure = "DELETE" # a stack that was never whole would be in the way of the next apply

  template_body = local.ascii[each.key]

  lifecycle {
    precondition {
      condition     = alltrue([for signs in local.letters : length(signs) == 4])
      error_message = "A definition has a letter beyond 16 bits, an emoji for example; take it out."
    }
  }
}
