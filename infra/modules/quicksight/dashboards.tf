# What readers see: the dashboards in both folders, and the two profiles that decide who may take figures along.
#
# A dashboard's own option forbids CSV only. Excel, PDF and print are capabilities of a person, which a profile denies;
# the provider has profiles from version 6 on, so until then they are stacks. They do nothing before they are assigned
# with the AWS CLI, one command for each role and each user that differs: infra/README.md, step 6.

locals {
  profiles = {
    # For everybody, so that whoever comes later may only look.
    look = [
      "ExportToCsv",
      "ExportToCsvInScheduledReports",
      "ExportToExcel",
      "ExportToExcelInScheduledReports",
      "ExportToPdf",
      "ExportToPdfInScheduledReports",
      "IncludeContentInScheduledReportsEmail",
      "PrintReports",
    ]

    # For users of the property manager: a user's profile goes before that of the role. It denies only what nobody needs.
    export = ["CreateSharedFolders"]
  }

  colors     = jsondecode(file("${path.module}/colors.json"))
  assignment = "--aws-account-id ${local.account} --namespace default"
}

module "dashboards" {
  source = "./dashboards"

  name         = var.name
  account_id   = local.account
  region       = local.region
  data_set_ids = { for table in keys(local.data_sets) : table => "${var.name}-${table}" }
  authors      = "${var.name}-authors"
  theme        = var.name

  folders = {
    for folder, rights in local.folders : folder => {
      id      = "${var.name}-${folder}"
      suffix  = rights.suffix
      export  = rights.export
      readers = [for organisation in local.readers[folder] : "${var.name}-${organisation}"]
    }
  }

  # A data set fills itself when it is made or changed. The dashboards come last, for their columns must be there.
  depends_on = [
    aws_quicksight_data_set.this,
    aws_quicksight_folder.this,
    aws_quicksight_group.authors,
    aws_quicksight_group.organisation,
    aws_quicksight_theme.this,
  ]
}

# Colours that the colour-blind can tell apart, wherever a chart does not name its own.
resource "aws_quicksight_theme" "this" {
  theme_id      = var.name
  name          = var.name
  base_theme_id = "CLASSIC"

  configuration {
    data_color_palette {
      colors           = local.colors.categories
      min_max_gradient = [local.colors.pale, local.colors.categories[0]]
      empty_fill_color = local.colors.unknown
    }
  }

  permissions {
    principal = aws_quicksight_group.authors.arn
    actions   = ["quicksight:DescribeTheme", "quicksight:DescribeThemeAlias", "quicksight:ListThemeAliases", "quicksight:ListThemeVersions"]
  }

  dynamic "permissions" {
    for_each = aws_quicksight_group.organisation

    content {
      principal = permissions.value.arn
      actions   = ["quicksight:DescribeTheme", "quicksight:DescribeThemeAlias", "quicksight:ListThemeAliases", "quicksight:ListThemeVersions"]
    }
  }
}

resource "aws_cloudformation_stack" "profile" {
  #checkov:skip=CKV_AWS_124:the apply waits for the stack and prints why it failed
  for_each = local.profiles

  name       = "${var.name}-${each.key}-profile"
  on_failure = "DELETE"

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"

    Resources = {
      Profile = {
        Type = "AWS::QuickSight::CustomPermissions"

        Properties = {
          AwsAccountId          = local.account
          CustomPermissionsName = "${var.name}-${each.key}"
          Capabilities          = { for capability in each.value : capability => "DENY" }
        }
      }
    }
  })
}
