# The role that CI assumes to ship a release: short-lived, only from one repository's protected environment, and able to
# replace code, not infrastructure. Beside it the role that plans (plan.tf). Cost: none.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  account     = data.aws_caller_identity.current.account_id
  region      = data.aws_region.current.name
  environment = "arn:aws:airflow:${local.region}:${local.account}:environment/${var.name}"
}

resource "aws_iam_role" "deploy" {
  name                 = "${var.name}-deploy"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

data "aws_iam_policy_document" "trust" {
  #checkov:skip=CKV_AWS_358:one repository and one protected environment, written through variables that the rule cannot read
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::${local.account}:oidc-provider/${var.oidc_issuer}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.oidc_issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.oidc_issuer}:sub"
      values   = ["repo:${var.repository}:environment:${var.environment}"]
    }
  }
}

resource "aws_iam_role_policy" "deploy" {
  name   = "ship"
  role   = aws_iam_role.deploy.id
  policy = data.aws_iam_policy_document.deploy.json
}

data "aws_iam_policy_document" "deploy" {
  # The encryption is what MWAA looks at with the caller's rights.
  statement {
    sid       = "Bucket"
    actions   = ["s3:GetEncryptionConfiguration", "s3:ListBucket"]
    resources = ["arn:aws:s3:::${var.mwaa_bucket}"]
  }

  # Versions: MWAA may look at those that an update names.
  statement {
    sid       = "Releases"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["arn:aws:s3:::${var.mwaa_bucket}/*"]
  }

  # Nothing that a rollback needs can be deleted: no release, no wheel, no version.
  statement {
    sid       = "Delete"
    actions   = ["s3:DeleteObject"]
    resources = ["arn:aws:s3:::${var.mwaa_bucket}/dags/*", "arn:aws:s3:::${var.mwaa_bucket}/deploy.lock"]
  }

  statement {
    sid       = "Environment"
    actions   = ["airflow:GetEnvironment", "airflow:UpdateEnvironment"]
    resources = [local.environment]
  }

  # Asks Airflow itself whether every DAG was imported, and makes the pools, which takes the role Op.
  statement {
    sid       = "Verify"
    actions   = ["airflow:InvokeRestApi"]
    resources = ["arn:aws:airflow:${local.region}:${local.account}:role/${var.name}/Op"]
  }

  statement {
    sid       = "HandOverExecutionRole"
    actions   = ["iam:PassRole"]
    resources = [var.execution_role_arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["airflow.amazonaws.com"]
    }
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}
