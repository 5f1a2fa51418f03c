# The way in for people: no VPN, no public endpoint, no key. A machine without an open port forwards what a person may
# reach, the Airflow UI and the database, to the person's own machine through AWS Systems Manager, and three roles say who.
#
# | item                                          | USD a month, Tokyo |
# |-----------------------------------------------|--------------------|
# | t4g.nano, 0.0054 an hour                      | 4                  |
# | its disk, 8 GB gp3                            | 1                  |
# | Session Manager                               | 0                  |
# Estimates; prices: https://aws.amazon.com/ec2/pricing/on-demand/, https://aws.amazon.com/ebs/pricing/
#
# CloudTrail records each StartSession with role, session name, machine, far host and port, not what flows: Session Manager
# cannot log port forwarding (https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-logging.html).
# What is done at the far end, Airflow's event log and Aurora's slow log hold. IAM cannot narrow the far host either; the
# security group `admin` does: the database, the web server, and AWS's APIs.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

# The newest Amazon Linux 2023 at the time of the first apply; it has the Systems Manager agent.
data "aws_ssm_parameter" "image" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
}

locals {
  account  = data.aws_caller_identity.current.account_id
  region   = data.aws_region.current.name
  document = "AWS-StartPortForwardingSessionToRemoteHost"
  instance = "arn:aws:ec2:${local.region}:${local.account}:instance/${aws_instance.forwarder.id}"

  # Suffix of the IAM role's name to the role in Airflow.
  airflow_roles = { viewer = "Viewer", operator = "Op", admin = "Admin" }
}

####################################################################################################
# The machine
####################################################################################################

# It has no public address, for its subnet hands none out, and nobody may talk to it: Systems Manager's agent calls out.
resource "aws_instance" "forwarder" {
  #checkov:skip=CKV_AWS_126:its load is of no interest; a person sees at once whether the forwarding works
  ami                    = data.aws_ssm_parameter.image.insecure_value
  instance_type          = "t4g.nano"
  subnet_id              = var.subnet_id
  vpc_security_group_ids = [var.security_group_id]
  iam_instance_profile   = aws_iam_instance_profile.forwarder.name
  ebs_optimized          = true

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  credit_specification {
    cpu_credits = "standard" # slower rather than dearer
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = 8
    encrypted   = true
    kms_key_id  = var.kms_key_arn
  }

  tags = { Name = "${var.name}-forwarder" }

  lifecycle {
    # A new image comes every other week and would replace the machine with each apply. It holds nothing; for the newest:
    # terraform apply -replace=module.platform.module.access.aws_instance.forwarder
    ignore_changes = [ami]
  }
}

resource "aws_iam_instance_profile" "forwarder" {
  name = "${var.name}-forwarder"
  role = aws_iam_role.forwarder.name
}

resource "aws_iam_role" "forwarder" {
  name               = "${var.name}-forwarder"
  assume_role_policy = data.aws_iam_policy_document.machine.json
}

data "aws_iam_policy_document" "machine" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "agent" {
  role       = aws_iam_role.forwarder.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

####################################################################################################
# The roles
####################################################################################################

resource "aws_iam_role" "person" {
  for_each = local.airflow_roles

  name                 = "${var.name}-${each.key}"
  description          = "People who are ${each.value} in Airflow"
  assume_role_policy   = data.aws_iam_policy_document.person.json
  max_session_duration = 12 * 3600
}

data "aws_iam_policy_document" "person" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = coalescelist(var.people.principal_arns, ["arn:aws:iam::${local.account}:root"])
    }

    dynamic "condition" {
      for_each = var.people.mfa ? [true] : []

      content {
        test     = "Bool"
        variable = "aws:MultiFactorAuthPresent"
        values   = ["true"]
      }
    }
  }
}

resource "aws_iam_role_policy" "person" {
  for_each = local.airflow_roles

  name   = "enter"
  role   = aws_iam_role.person[each.key].id
  policy = data.aws_iam_policy_document.enter[each.key].json
}

data "aws_iam_policy_document" "enter" {
  for_each = local.airflow_roles

  statement {
    sid       = "AirflowUi"
    actions   = ["airflow:CreateWebLoginToken"]
    resources = ["arn:aws:airflow:${local.region}:${local.account}:role/${var.name}/${each.value}"]
  }

  # Without the condition a session without a document, which is a shell, would need the machine alone.
  # https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-specify-session-document.html
  statement {
    sid       = "Forward"
    actions   = ["ssm:StartSession"]
    resources = [local.instance, "arn:aws:ssm:${local.region}::document/${local.document}"]

    condition {
      test     = "BoolIfExists"
      variable = "ssm:SessionDocumentAccessCheck"
      values   = ["true"]
    }
  }

  statement {
    sid       = "OwnChannel"
    actions   = ["ssmmessages:OpenDataChannel"]
    resources = ["arn:aws:ssm:${local.region}:${local.account}:session/$${aws:userid}-*"]
  }

  # Sessions of an assumed role are named after the session, not after aws:userid; the tag bears it.
  # https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-examples.html
  statement {
    sid       = "OwnSessions"
    actions   = ["ssm:ResumeSession", "ssm:TerminateSession"]
    resources = ["arn:aws:ssm:${local.region}:${local.account}:session/*"]

    condition {
      test     = "StringLike"
      variable = "ssm:resourceTag/aws:ssmmessages:session-id"
      values   = ["$${aws:userid}"]
    }
  }

  # `python -m infra database` through the tunnel.
  dynamic "statement" {
    for_each = each.key == "admin" ? [true] : []

    content {
      sid       = "DatabaseUsers"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = var.secret_arns
    }
  }

  dynamic "statement" {
    for_each = each.key == "admin" ? [true] : []

    content {
      sid       = "KeyOfTheSecrets"
      actions   = ["kms:Decrypt"]
      resources = [var.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${local.region}.amazonaws.com"]
      }
    }
  }
}
