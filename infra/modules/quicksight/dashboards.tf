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

  assignment = "--aws-account-id ${local.account} --namespace default"
}

module "dashboards" {
  source = "./dashboards"

  name         = var.name
  account_id   = local.account
  region       = local.region
  data_set_ids = { for table in keys(local.data_sets) : table => "${var.name}-${table}" }
  authors      = "${var.name}-authors"

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
  ]
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
