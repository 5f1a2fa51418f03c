# Who may reach the reports in the data bucket: two roles that people assume, each made only when somebody is named.
#
# | role             | reads                                                    | writes                              |
# |------------------|----------------------------------------------------------|-------------------------------------|
# | property-manager | reports/corrections/, reports/flash/, reports/rent-roll/ | rent-roll/, templates/flash_report/ |
# | tenant-list      | reports/tenants/, which names people                     | nothing                             |
#
# Neither deletes, and neither gets into Airflow or the database. The bucket's own policy refuses reports/tenants/ to
# every role but tenant-list, whatever its policies allow (module storage). Cost: none.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  bucket = "arn:aws:s3:::${var.data_bucket}"

  rights = {
    property-manager = {
      text  = "People of the property manager: read reports, deliver rent rolls and templates"
      read  = ["reports/corrections", "reports/flash", "reports/rent-roll"]
      write = ["rent-roll", "templates/flash_report"]
    }

    tenant-list = {
      text  = "Operators who need the list of tenants, which is personal data"
      read  = ["reports/tenants"]
      write = []
    }
  }

  people = {
    for role, trusted in { property-manager = var.people.property_manager, tenant-list = var.people.tenant_list } :
    role => merge(trusted, local.rights[role]) if length(trusted.principal_arns) > 0
  }
}

resource "aws_iam_role" "person" {
  for_each = local.people

  name                 = "${var.name}-${each.key}"
  description          = each.value.text
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  max_session_duration = 12 * 3600
}

data "aws_iam_policy_document" "trust" {
  for_each = local.people

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = each.value.principal_arns
    }

    dynamic "condition" {
      for_each = each.value.mfa ? [true] : []

      content {
        test     = "Bool"
        variable = "aws:MultiFactorAuthPresent"
        values   = ["true"]
      }
    }
  }
}

resource "aws_iam_role_policy" "person" {
  for_each = local.people

  name   = "reports"
  role   = aws_iam_role.person[each.key].id
  policy = data.aws_iam_policy_document.reports[each.key].json
}

data "aws_iam_policy_document" "reports" {
  for_each = local.people

  # The console lists a folder by its prefix; what else is in the bucket, it does not show.
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = [for prefix in concat(each.value.read, each.value.write) : "${prefix}/*"]
    }
  }

  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = [for prefix in each.value.read : "${local.bucket}/${prefix}/*"]
  }

  dynamic "statement" {
    for_each = length(each.value.write) > 0 ? [true] : []

    content {
      sid       = "Deliver"
      actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
      resources = [for prefix in each.value.write : "${local.bucket}/${prefix}/*"]
    }
  }

  statement {
    sid       = "Key"
    actions   = concat(["kms:Decrypt"], length(each.value.write) > 0 ? ["kms:GenerateDataKey"] : [])
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${data.aws_region.current.name}.amazonaws.com"]
    }
  }
}
