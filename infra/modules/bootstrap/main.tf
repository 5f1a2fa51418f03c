# What must exist in an account before anything else: the bucket for Terraform's state, the identity provider through which
# the CI's roles are assumed without static keys, the record of who did what (trail.tf), and the account's own settings.
#
# Locking needs no table: since Terraform 1.11 the S3 backend locks with an object beside the state (`use_lockfile`),
# written under S3's If-None-Match condition.
#
# Cost: state is kilobytes, so cents a month; the key 1 USD; the first trail is free, its files are cents.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  bucket = "${var.name}-tfstate-${data.aws_caller_identity.current.account_id}"
}

resource "aws_kms_key" "state" {
  description             = "Terraform state and trail of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:in a key policy the resource * is the key itself, and the account must be able to administer it
  #checkov:skip=CKV_AWS_111:as above
  #checkov:skip=CKV_AWS_356:as above
  statement {
    sid       = "AccountThroughIam"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
  statement {
    sid       = "Trail"
    actions   = ["kms:DescribeKey", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail_arn]
    }
  }
}

resource "aws_s3_bucket" "state" {
  #checkov:skip=CKV_AWS_18:who changed the state is in CloudTrail; a log bucket for a bucket of a few objects is one more thing to own
  #checkov:skip=CKV_AWS_144:versioned; a lost region means rebuilding the platform there, not copying its state
  #checkov:skip=CKV2_AWS_61:every version is kept on purpose
  #checkov:skip=CKV2_AWS_62:nothing consumes events of this bucket
  bucket = local.bucket
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.state.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = data.aws_iam_policy_document.state.json

  depends_on = [aws_s3_bucket_public_access_block.state]
}

data "aws_iam_policy_document" "state" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::${local.bucket}", "arn:aws:s3:::${local.bucket}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

# AWS verifies GitHub's certificate against its own list of authorities and ignores the thumbprint.
resource "aws_iam_openid_connect_provider" "ci" {
  url            = var.oidc_issuer_url
  client_id_list = ["sts.amazonaws.com"]
}

####################################################################################################
# Settings of the account
####################################################################################################

# Every bucket blocks public access itself; this holds for those that somebody makes by hand as well.
resource "aws_s3_account_public_access_block" "this" {
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Of this region; disks are made nowhere else.
resource "aws_ebs_encryption_by_default" "this" {
  enabled = true
}
