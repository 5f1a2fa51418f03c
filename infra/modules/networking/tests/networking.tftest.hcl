mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name        = "gghouse-test"
  kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
}

run "two_zones_one_nat" {
  assert {
    condition     = length(output.private_subnet_ids) == 2 && length(aws_subnet.public) == 2
    error_message = "MWAA takes two private subnets in two zones."
  }

  assert {
    condition     = [for subnet in aws_subnet.private : subnet.cidr_block] == ["10.20.10.0/24", "10.20.11.0/24"]
    error_message = "Private subnets are the tenth and eleventh /24."
  }
}

run "only_named_roles_reach_the_database" {
  assert {
    condition     = toset([for rule in local.talks : rule.from if rule.to == "aurora"]) == toset(["mwaa", "quicksight", "rotation", "admin"])
    error_message = "Nothing else may open a connection to the database."
  }

  assert {
    condition     = alltrue([for name, rule in aws_vpc_security_group_ingress_rule.talk : rule.from_port == rule.to_port])
    error_message = "Each way in is one port."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.operators) == 0
    error_message = "Without operators' networks the web server cannot be reached from outside."
  }
}

# With its private name an endpoint catches the calls of the whole VPC, and refuses whom its group does not know.
run "whoever_reaches_aws_reaches_the_endpoints" {
  assert {
    condition     = toset([for rule in local.talks : rule.from if rule.to == "endpoints" && rule.port == local.https]) == toset(keys(aws_vpc_security_group_egress_rule.https))
    error_message = "Every group that may call AWS needs a way into the interface endpoints."
  }
}

run "no_endpoints_when_none_are_wanted" {
  variables {
    interface_endpoints = []
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0 && aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway"
    error_message = "The S3 gateway endpoint costs nothing and stays."
  }
}

run "refuses_the_whole_internet" {
  command = plan

  variables {
    operator_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.operator_cidrs]
}

run "refuses_one_zone" {
  command = plan

  variables {
    availability_zones = ["ap-northeast-1a", "ap-northeast-1a"]
  }

  expect_failures = [var.availability_zones]
}
