# The role of the host that delivers the dumps (infra/dump_host): it adds dumps and manifests, and can neither read nor
# delete, nor do anything else. No access key exists. Cost: none.
#
# The role is of this account, so its own policy is enough: neither the bucket's nor the key's policy names it, and none
# of them can fail on a role that is not there yet.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  anchor  = var.trusted.certificate_authority != null
}

resource "aws_iam_role" "dump_host" {
  name                 = "${var.name}-dump-host"
  description          = "The host that delivers dumps and manifests"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 4 * 3600
}

data "aws_iam_policy_document" "trust" {
  # A machine of this account, by its instance profile.
  dynamic "statement" {
    for_each = var.trusted.ec2 ? [true] : []

    content {
      sid     = "Ec2"
      actions = ["sts:AssumeRole"]

      principals {
        type        = "Service"
        identifiers = ["ec2.amazonaws.com"]
      }
    }
  }

  # Roles of other accounts. IAM refuses a principal that does not exist, so the account is named, and the role in the
  # condition, which may come later.
  dynamic "statement" {
    for_each = length(var.trusted.role_arns) > 0 ? [true] : []

    content {
      sid     = "Roles"
      actions = ["sts:AssumeRole"]

      principals {
        type        = "AWS"
        identifiers = distinct([for arn in var.trusted.role_arns : "arn:aws:iam::${split(":", arn)[4]}:root"])
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = var.trusted.role_arns
      }
    }
  }

  # A machine outside AWS, by a certificate of our authority that bears this one name.
  # https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
  dynamic "statement" {
    for_each = local.anchor ? [true] : []

    content {
      sid     = "Certificate"
      actions = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]

      principals {
        type        = "Service"
        identifiers = ["rolesanywhere.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalTag/x509Subject/CN"
        values   = [var.trusted.certificate_name]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [aws_rolesanywhere_trust_anchor.this[0].arn]
      }
    }
  }
}

resource "aws_iam_role_policy" "deliver" {
  name   = "deliver"
  role   = aws_iam_role.dump_host.id
  policy = data.aws_iam_policy_document.deliver.json
}

data "aws_iam_policy_document" "deliver" {
  statement {
    sid       = "AddDumpsAndManifests"
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = [for prefix in ["dumps", "dumps-manifest"] : "arn:aws:s3:::${var.data_bucket}/${prefix}/*"]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${data.aws_region.current.name}.amazonaws.com"]
    }
  }
}

resource "aws_iam_instance_profile" "dump_host" {
  count = var.trusted.ec2 ? 1 : 0

  name = "${var.name}-dump-host"
  role = aws_iam_role.dump_host.name
}

####################################################################################################
# IAM Roles Anywhere, for a machine outside AWS
####################################################################################################

resource "aws_rolesanywhere_trust_anchor" "this" {
  count = local.anchor ? 1 : 0

  name    = "${var.name}-dump-host"
  enabled = true

  source {
    source_type = "CERTIFICATE_BUNDLE"

    source_data {
      x509_certificate_data = var.trusted.certificate_authority
    }
  }
}

resource "aws_rolesanywhere_profile" "this" {
  count = local.anchor ? 1 : 0

  name             = "${var.name}-dump-host"
  enabled          = true
  role_arns        = [aws_iam_role.dump_host.arn]
  duration_seconds = 3600
}
