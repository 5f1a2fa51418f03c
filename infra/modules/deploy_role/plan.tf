# The role that CI assumes to plan: only from the main branch of one repository, and able to read the state and nothing
# that the state describes. A plan with it compares the code with the state (-refresh=false): a refresh would read far more,
# the values of the database users' secrets among it. What was changed by hand is seen by whoever applies.

locals {
  # As environments/bootstrap makes it.
  state_bucket = "gghouse-tfstate-${local.account}"
}

resource "aws_iam_role" "plan" {
  name                 = "${var.name}-plan"
  assume_role_policy   = data.aws_iam_policy_document.plan_trust.json
  max_session_duration = 3600
}

data "aws_iam_policy_document" "plan_trust" {
  #checkov:skip=CKV_AWS_358:one branch of one repository, written through variables that the rule cannot read
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

    # Not from pull requests: their code would run with the role before anybody has read it.
    condition {
      test     = "StringEquals"
      variable = "${var.oidc_issuer}:sub"
      values   = ["repo:${var.repository}:ref:refs/heads/main"]
    }
  }
}

resource "aws_iam_role_policy" "plan" {
  name   = "plan"
  role   = aws_iam_role.plan.id
  policy = data.aws_iam_policy_document.plan.json
}

data "aws_iam_policy_document" "plan" {
  #checkov:skip=CKV_AWS_356:a random password belongs to no resource and opens nothing
  statement {
    sid       = "FindState"
    actions   = ["s3:ListBucket"]
    resources = ["arn:aws:s3:::${local.state_bucket}"]
  }

  statement {
    sid       = "ReadState"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${local.state_bucket}/${var.name}.tfstate"]
  }

  # The key is bootstrap's; S3 names the bucket as what is decrypted.
  statement {
    sid       = "KeyOfTheState"
    actions   = ["kms:Decrypt"]
    resources = ["arn:aws:kms:${local.region}:${local.account}:key/*"]

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = ["arn:aws:s3:::${local.state_bucket}"]
    }
  }

  # Of no account: AWS publishes it.
  statement {
    sid       = "ImageOfTheWayIn"
    actions   = ["ssm:GetParameter"]
    resources = ["arn:aws:ssm:${local.region}:*:parameter/aws/service/ami-amazon-linux-latest/*"]
  }

  # Terraform draws the first passwords in each plan, and throws them away.
  statement {
    sid       = "RandomPassword"
    actions   = ["secretsmanager:GetRandomPassword"]
    resources = ["*"]
  }
}
