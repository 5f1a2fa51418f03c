# Two zones in Tokyo: public subnets hold nothing but the NAT gateway, everything else sits in private ones.
#
# | item                                   | USD a month, Tokyo | why                                                      |
# |----------------------------------------|--------------------|----------------------------------------------------------|
# | one NAT gateway                        | 45 + 0.062 per GB  | QuickSight's API has no endpoint in a VPC; one, since a  |
# |                                        |                    | zone's failure costs a late morning, not data            |
# | S3 gateway endpoint                    | 0                  | keeps the nightly gigabyte off the NAT gateway           |
# | an interface endpoint (x 2 zones)      | 20                 | each: worth it for secrets, not for every service        |
# | flow log of refused connections        | < 1                | the first thing to read when something cannot connect    |

data "aws_region" "current" {}

locals {
  region   = data.aws_region.current.name
  zones    = { for index, zone in var.availability_zones : zone => index }
  mysql    = 3306
  https    = 443
  metadata = 5432
}

####################################################################################################
# Addresses and routes
####################################################################################################

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# The default group lets its members talk to each other; emptied, it lets nothing through.
resource "aws_default_security_group" "none" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-default-unused" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 8, each.value)

  tags = { Name = "${var.name}-public-${each.key}" }
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 8, each.value + 10)

  tags = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_eip" "nat" {
  domain = "vpc"

  tags = { Name = "${var.name}-nat" }

  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.public[var.availability_zones[0]].id

  tags = { Name = var.name }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-private" }
}

resource "aws_route" "nat" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this.id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private.id
}

####################################################################################################
# Endpoints
####################################################################################################

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${local.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]

  tags = { Name = "${var.name}-s3" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${local.region}.${each.value}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.this["endpoints"].id]

  tags = { Name = "${var.name}-${each.value}" }
}

####################################################################################################
# Security groups: who may talk to whom, port by port
####################################################################################################

# EC2 takes letters, digits, spaces and ._-:/()#,@[]+=;{}!$* in a description, and no apostrophe.
locals {
  groups = {
    mwaa       = "Airflow: schedulers, workers, web server"
    aurora     = "Database"
    quicksight = "Interfaces of QuickSight in the VPC"
    rotation   = "Function that rotates the passwords of the database users"
    admin      = "Way in for administrators: a shell in the VPC, for example CloudShell"
    endpoints  = "Interface endpoints"
  }

  # Each becomes a way out of `from` and a way in to `to`.
  talks = {
    mwaa_to_metadata      = { from = "mwaa", to = "mwaa", port = local.metadata, why = "metadata database of Airflow" }
    mwaa_to_itself        = { from = "mwaa", to = "mwaa", port = local.https, why = "endpoints that MWAA makes" }
    mwaa_to_aurora        = { from = "mwaa", to = "aurora", port = local.mysql, why = "loader and dbt" }
    mwaa_to_endpoints     = { from = "mwaa", to = "endpoints", port = local.https, why = "AWS APIs" }
    quicksight_to_aurora  = { from = "quicksight", to = "aurora", port = local.mysql, why = "SPICE ingestion" }
    rotation_to_aurora    = { from = "rotation", to = "aurora", port = local.mysql, why = "ALTER USER" }
    rotation_to_endpoints = { from = "rotation", to = "endpoints", port = local.https, why = "Secrets Manager" }
    admin_to_aurora       = { from = "admin", to = "aurora", port = local.mysql, why = "database users and repair" }
    admin_to_endpoints    = { from = "admin", to = "endpoints", port = local.https, why = "Secrets Manager" }
    admin_to_mwaa         = { from = "admin", to = "mwaa", port = local.https, why = "private web server" }
  }
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:MWAA, Aurora and the others attach them in their own modules
  for_each = local.groups

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_egress_rule" "talk" {
  for_each = local.talks

  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "${each.key}: ${each.value.why}"
}

resource "aws_vpc_security_group_ingress_rule" "talk" {
  for_each = local.talks

  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "${each.key}: ${each.value.why}"
}

# AWS APIs and S3 have no fixed addresses. This does not lead to a service with an interface endpoint: its name then means
# the endpoint in the whole VPC, and only `talks` lets a group in there.
resource "aws_vpc_security_group_egress_rule" "https" {
  for_each = toset(["mwaa", "rotation", "admin"])

  security_group_id = aws_security_group.this[each.value].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = local.https
  to_port           = local.https
  description       = "AWS APIs"
}

resource "aws_vpc_security_group_ingress_rule" "operators" {
  for_each = toset(var.operator_cidrs)

  security_group_id = aws_security_group.this["mwaa"].id
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = local.https
  to_port           = local.https
  description       = "Browsers of operators, to the private web server"
}

# QuickSight's interfaces are not stateful: the database's answers arrive on any high port and need a rule of their own.
# https://docs.aws.amazon.com/quicksight/latest/user/vpc-security-groups.html
resource "aws_vpc_security_group_ingress_rule" "answers" {
  #checkov:skip=CKV_AWS_25:the source is the database's security group, not the internet
  security_group_id            = aws_security_group.this["quicksight"].id
  referenced_security_group_id = aws_security_group.this["aurora"].id
  ip_protocol                  = "tcp"
  from_port                    = 1024
  to_port                      = 65535
  description                  = "Answers of the database to QuickSight"
}

####################################################################################################
# Flow log
####################################################################################################

resource "aws_cloudwatch_log_group" "flow" {
  #checkov:skip=CKV_AWS_338:refused connections are of use for days, not for a year
  name              = "/vpc/${var.name}"
  retention_in_days = 30
  kms_key_id        = var.kms_key_arn
}

resource "aws_flow_log" "refused" {
  vpc_id          = aws_vpc.this.id
  traffic_type    = "REJECT"
  log_destination = aws_cloudwatch_log_group.flow.arn
  iam_role_arn    = aws_iam_role.flow.arn

  tags = { Name = var.name }
}

resource "aws_iam_role" "flow" {
  name               = "${var.name}-flow-log"
  assume_role_policy = data.aws_iam_policy_document.flow_trust.json
}

data "aws_iam_policy_document" "flow_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "flow" {
  name   = "write"
  role   = aws_iam_role.flow.id
  policy = data.aws_iam_policy_document.flow.json
}

data "aws_iam_policy_document" "flow" {
  statement {
    sid       = "Write"
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.flow.arn}:*"]
  }
}
