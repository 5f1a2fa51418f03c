# Two buckets of work and one of access logs.
#
# | bucket | holds                                                          | kept                                      |
# |--------|----------------------------------------------------------------|-------------------------------------------|
# | data   | dumps/, dumps-manifest/: what the property-management side sends | `dumps_keep_days`                         |
# |        | processed/: copy of each dump that was used                    | `processed_keep_days`, cold after 30 days |
# |        | snapshots/: tenants' state by date, from which history is rebuilt | for ever                               |
# |        | history/: the same without names and more, as Parquet, once the setting history_parquet is on | for ever |
# |        | athena/: answers to questions about it                         | 7 days, old versions one day              |
# |        | reference/: every building's last good coordinates             | for ever                               |
# |        | docs/: dbt's documentation of the day                          | 30 days                                   |
# |        | reports/corrections/: what to correct in the source, by date   | 400 days                                  |
# |        | reports/flash/, reports/rent-roll/: monthly reports            | `reports_keep_days`, seven years          |
# |        | reports/tenants/: personal data, for one role                  | 7 days, old versions one day              |
# |        | rent-roll/: rent rolls that the property manager delivers      | 400 days                                  |
# |        | templates/: workbooks that a report fills                      | for ever                                  |
# | mwaa   | releases, requirements, startup script (versioned, as MWAA asks) | old versions 90 days                     |
# |        | wheels/, client/: what startup.sh installs, named by checksum   | for ever                                  |
# | logs   | who read or wrote what in the other two                        | 365 days                                  |
#
# Cost at one dump of 0.95 GB a day: dumps/ 90 days 2.2 USD, processed/ 730 days 3.7 USD, the rest cents, a month; the
# reports of seven years are about 1 GB.

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  buckets = { for role in ["data", "mwaa", "logs"] : role => "${var.name}-${role}-${local.account}" }
  private = ["data", "mwaa"]

  # What is deleted after so many days, and its old versions `versions` days after that.
  expiring = merge(var.answers_of_athena ? { athena = { prefix = "athena", days = 7, versions = 1 } } : {}, {
    dumps            = { prefix = "dumps", days = var.dumps_keep_days, versions = 30 }
    processed        = { prefix = "processed", days = var.processed_keep_days, versions = 30 }
    docs             = { prefix = "docs", days = 30, versions = 30 }
    corrections      = { prefix = "reports/corrections", days = 400, versions = 30 }
    flash            = { prefix = "reports/flash", days = var.reports_keep_days, versions = 30 }
    rent-roll        = { prefix = "reports/rent-roll", days = var.reports_keep_days, versions = 30 }
    tenants          = { prefix = "reports/tenants", days = 7, versions = 1 }
    rent-roll-inputs = { prefix = "rent-roll", days = 400, versions = 30 }
  })
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV2_AWS_61:each of the three has its rules below, under a name of its own
  #checkov:skip=CKV_AWS_144:versioned, and the dumps can be sent again; a copy in another region would take personal data abroad
  #checkov:skip=CKV_AWS_18:the two working buckets log into the third, which cannot log into itself
  #checkov:skip=CKV_AWS_145:log delivery cannot write under a key of our own; the other two have it
  #checkov:skip=CKV2_AWS_62:the DAG waits for the dump by name and date; events would be a second truth
  for_each = local.buckets

  bucket        = each.value
  force_destroy = var.force_destroy

  tags = { Name = each.value }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    bucket_key_enabled = each.key != "logs"

    apply_server_side_encryption_by_default {
      # S3 cannot deliver access logs into a bucket under a customer's key.
      sse_algorithm     = each.key == "logs" ? "AES256" : "aws:kms"
      kms_master_key_id = each.key == "logs" ? null : var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_logging" "this" {
  for_each = toset(local.private)

  bucket        = aws_s3_bucket.this[each.value].id
  target_bucket = aws_s3_bucket.this["logs"].id
  target_prefix = "${each.value}/"

  # S3 asks at once whether it may deliver.
  depends_on = [aws_s3_bucket_policy.this]
}

####################################################################################################
# Who may do what
####################################################################################################

resource "aws_s3_bucket_policy" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id
  policy = data.aws_iam_policy_document.bucket[each.key].json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

data "aws_iam_policy_document" "bucket" {
  for_each = local.buckets

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::${each.value}", "arn:aws:s3:::${each.value}/*"]

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

  # Whatever else allows it: a list of tenants is read by the role made for it (module report_access), and by the account's
  # root when nobody else is left. Nothing is said about the bucket itself, so an administrator can change this.
  dynamic "statement" {
    for_each = each.key == "data" ? [true] : []

    content {
      sid       = "TenantListForItsReaders"
      effect    = "Deny"
      actions   = ["s3:GetObject", "s3:GetObjectVersion"]
      resources = ["arn:aws:s3:::${each.value}/reports/tenants/*"]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }

      condition {
        test     = "ArnNotLike"
        variable = "aws:PrincipalArn"
        values   = ["arn:aws:iam::${local.account}:role/${var.name}-tenant-list", "arn:aws:iam::${local.account}:root"]
      }
    }
  }

  # The account is the principal and the role a condition: a principal that does not exist yet would fail the apply.
  dynamic "statement" {
    for_each = each.key == "data" && length(var.dump_writer_role_arns) > 0 ? [true] : []

    content {
      sid       = "DumpWriters"
      actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
      resources = ["arn:aws:s3:::${each.value}/dumps/*", "arn:aws:s3:::${each.value}/dumps-manifest/*"]

      principals {
        type        = "AWS"
        identifiers = distinct([for arn in var.dump_writer_role_arns : "arn:aws:iam::${split(":", arn)[4]}:root"])
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = var.dump_writer_role_arns
      }
    }
  }

  dynamic "statement" {
    for_each = each.key == "logs" ? [true] : []

    content {
      sid       = "AccessLogs"
      actions   = ["s3:PutObject"]
      resources = ["arn:aws:s3:::${each.value}/*"]

      principals {
        type        = "Service"
        identifiers = ["logging.s3.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [local.account]
      }
    }
  }
}

####################################################################################################
# How long things are kept
####################################################################################################

resource "aws_s3_bucket_lifecycle_configuration" "data" {
  bucket = aws_s3_bucket.this["data"].id

  dynamic "rule" {
    for_each = local.expiring

    content {
      id     = rule.key
      status = "Enabled"

      filter {
        prefix = "${rule.value.prefix}/"
      }

      dynamic "transition" {
        for_each = rule.key == "processed" ? [true] : []

        content {
          days          = 30
          storage_class = "GLACIER_IR"
        }
      }

      expiration {
        days = rule.value.days
      }

      noncurrent_version_expiration {
        noncurrent_days = rule.value.versions
      }
    }
  }

  rule {
    id     = "leftovers"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "mwaa" {
  bucket = aws_s3_bucket.this["mwaa"].id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    # Longer than any rollback reaches back.
    noncurrent_version_expiration {
      noncurrent_days = 90
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.this["logs"].id

  rule {
    id     = "a-year"
    status = "Enabled"

    filter {}

    expiration {
      days = 365
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
