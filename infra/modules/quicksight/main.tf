# QuickSight on gold and reports: the way to the database, the data sets, the four organisations as groups, and two shared folders
# that decide who may export. The dashboards themselves and the profiles of their readers: dashboards.tf.
#
# Each dashboard is published twice, without and with export to CSV, into a folder whose readers may only look and into
# one whose readers may export. A profile forbids the other ways out, see dashboards.tf.
#
# Row-level security is not asked for by any stakeholder: all four see the whole portfolio. Columns that could tell who
# a tenant is are in no data set.
#
# Cost a month: authors 24 USD each, readers 3 USD each. Dashboards are code, so one author is enough: 14 users about 63
# USD. SPICE: the data sets need less than 100 MB, an author brings 10 GB.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.name
  data_sets = jsondecode(file("${path.module}/data_sets.json"))

  organisations = {
    pe_investor      = { text = "Private-equity investor", export = false }
    spc              = { text = "Special-purpose company", export = false }
    asset_manager    = { text = "Asset manager", export = false }
    property_manager = { text = "Property manager", export = true }
  }

  folders = {
    view   = { title = "Dashboards", suffix = "", export = false }
    export = { title = "Dashboards with export", suffix = "-export", export = true }
  }

  readers = {
    for folder, rights in local.folders : folder => [for name, organisation in local.organisations : name if organisation.export == rights.export]
  }
}

####################################################################################################
# The way to the database
####################################################################################################

resource "aws_quicksight_vpc_connection" "this" {
  vpc_connection_id  = var.name
  name               = var.name
  role_arn           = aws_iam_role.network.arn
  subnet_ids         = var.subnet_ids
  security_group_ids = [var.security_group_id]

  depends_on = [aws_iam_role_policy.network]
}

resource "aws_iam_role" "network" {
  name               = "${var.name}-quicksight-network"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

# QuickSight looks for the role that reads secrets under exactly this name.
resource "aws_iam_role" "secrets" {
  name               = "aws-quicksight-secretsmanager-role-v0"
  path               = "/service-role/"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["quicksight.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role_policy" "network" {
  name   = "interfaces"
  role   = aws_iam_role.network.id
  policy = data.aws_iam_policy_document.network.json
}

data "aws_iam_policy_document" "network" {
  #checkov:skip=CKV_AWS_356:describing subnets and security groups has no resource level
  statement {
    sid     = "Interfaces"
    actions = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"]
    resources = concat(
      ["arn:aws:ec2:${local.region}:${local.account}:network-interface/*", "arn:aws:ec2:${local.region}:${local.account}:security-group/${var.security_group_id}"],
      [for subnet in var.subnet_ids : "arn:aws:ec2:${local.region}:${local.account}:subnet/${subnet}"],
    )
  }

  statement {
    sid       = "Look"
    actions   = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "secrets" {
  name   = "read"
  role   = aws_iam_role.secrets.id
  policy = data.aws_iam_policy_document.secrets.json
}

data "aws_iam_policy_document" "secrets" {
  statement {
    sid       = "BiLogin"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.bi_secret_arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${local.region}.amazonaws.com"]
    }
  }
}

resource "aws_quicksight_data_source" "gold" {
  data_source_id = "${var.name}-gold"
  name           = "Gold (${var.name})"
  type           = "AURORA"

  parameters {
    aurora {
      host     = var.host
      port     = var.port
      database = "gold"
    }
  }

  credentials {
    secret_arn = var.bi_secret_arn
  }

  ssl_properties {
    disable_ssl = false
  }

  vpc_connection_properties {
    vpc_connection_arn = aws_quicksight_vpc_connection.this.arn
  }

  permission {
    principal = aws_quicksight_group.authors.arn
    actions   = ["quicksight:DescribeDataSource", "quicksight:DescribeDataSourcePermissions", "quicksight:PassDataSource"]
  }

  depends_on = [aws_iam_role_policy.secrets]
}

####################################################################################################
# Data sets: in SPICE, refreshed by the DAG after gold is published, or by the DAG of the report whose table they show
####################################################################################################

resource "aws_quicksight_data_set" "this" {
  for_each = local.data_sets

  data_set_id = "${var.name}-${each.key}"
  name        = each.key
  import_mode = "SPICE"

  physical_table_map {
    physical_table_map_id = replace(each.key, "_", "-")

    relational_table {
      data_source_arn = aws_quicksight_data_source.gold.arn
      catalog         = ""
      schema          = each.value.schema
      name            = each.key

      dynamic "input_columns" {
        for_each = each.value.columns

        content {
          name = input_columns.value.name
          type = input_columns.value.type
        }
      }
    }
  }

  # What each column means, and which ones a map takes its points from.
  logical_table_map {
    logical_table_map_id = replace(each.key, "_", "-")
    alias                = each.key

    source {
      physical_table_id = replace(each.key, "_", "-")
    }

    dynamic "data_transforms" {
      for_each = each.value.columns

      content {
        tag_column_operation {
          column_name = data_transforms.value.name

          dynamic "tags" {
            for_each = [for name, role in each.value.geo : role if name == data_transforms.value.name]

            content {
              column_geographic_role = tags.value
            }
          }

          tags {
            column_description {
              text = data_transforms.value.description
            }
          }
        }
      }
    }
  }

  # Readers cannot join them with other data or query the database directly.
  data_set_usage_configuration {
    disable_use_as_direct_query_source = true
    disable_use_as_imported_source     = false
  }

  permissions {
    principal = aws_quicksight_group.authors.arn
    actions = [
      "quicksight:DescribeDataSet",
      "quicksight:DescribeDataSetPermissions",
      "quicksight:DescribeIngestion",
      "quicksight:ListIngestions",
      "quicksight:PassDataSet",
    ]
  }
}

####################################################################################################
# Who sees what
####################################################################################################

resource "aws_quicksight_group" "authors" {
  group_name  = "${var.name}-authors"
  description = "Try changes of dashboards"
}

resource "aws_quicksight_group" "organisation" {
  for_each = local.organisations

  group_name  = "${var.name}-${each.key}"
  description = "${each.value.text}: ${each.value.export ? "may export" : "may look"}"
}

resource "aws_quicksight_folder" "this" {
  for_each = local.folders

  folder_id   = "${var.name}-${each.key}"
  name        = each.value.title
  folder_type = "SHARED"

  permissions {
    principal = aws_quicksight_group.authors.arn
    actions = [
      "quicksight:CreateFolder",
      "quicksight:CreateFolderMembership",
      "quicksight:DeleteFolder",
      "quicksight:DeleteFolderMembership",
      "quicksight:DescribeFolder",
      "quicksight:DescribeFolderPermissions",
      "quicksight:UpdateFolder",
      "quicksight:UpdateFolderPermissions",
    ]
  }

  dynamic "permissions" {
    for_each = toset(local.readers[each.key])

    content {
      principal = aws_quicksight_group.organisation[permissions.key].arn
      actions   = ["quicksight:DescribeFolder"]
    }
  }
}

resource "aws_quicksight_user" "this" {
  for_each = var.users

  user_name     = each.key
  email         = each.value.email
  identity_type = "QUICKSIGHT"
  user_role     = each.value.author ? "AUTHOR" : "READER"

  # A profile that somebody has cannot be deleted, so users go first.
  depends_on = [aws_cloudformation_stack.profile]
}

resource "aws_quicksight_group_membership" "organisation" {
  for_each = var.users

  group_name  = aws_quicksight_group.organisation[each.value.organisation].group_name
  member_name = aws_quicksight_user.this[each.key].user_name
}

resource "aws_quicksight_group_membership" "authors" {
  for_each = { for user, rights in var.users : user => rights if rights.author }

  group_name  = aws_quicksight_group.authors.group_name
  member_name = aws_quicksight_user.this[each.key].user_name
}
