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

# What EC2 says of descriptions; the provider does not look.
run "every_description_is_one_that_ec2_takes" {
  variables {
    operator_cidrs = ["192.0.2.0/24"]
  }

  assert {
    condition = alltrue([for described in concat(
      values(aws_security_group.this),
      values(aws_vpc_security_group_egress_rule.https),
      values(aws_vpc_security_group_egress_rule.talk),
      values(aws_vpc_security_group_ingress_rule.operators),
      values(aws_vpc_security_group_ingress_rule.talk),
      [aws_vpc_security_group_ingress_rule.answers],
    ) : can(regex("^[a-zA-Z0-9 ._:/()#,@\\[\\]+=;{}!$*-]{1,255}$", described.description))])
    error_message = "A description is at most 255 letters, digits, spaces and ._-:/()#,@[]+=;{}!$*; EC2 refuses an apostrophe."
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

run "the_language_model_can_be_asked_without_the_nat_gateway" {
  variables {
    interface_endpoints = ["bedrock", "bedrock-runtime"]
  }

  assert {
    condition     = toset([for endpoint in aws_vpc_endpoint.interface : endpoint.service_name]) == toset(["com.amazonaws.ap-northeast-1.bedrock", "com.amazonaws.ap-northeast-1.bedrock-runtime"])
    error_message = "The model is asked at one endpoint, whether prompts are logged at the other."
  }
}

run "refuses_an_endpoint_that_nobody_needs" {
  command = plan

  variables {
    interface_endpoints = ["bedrock-agent-runtime"]
  }

  expect_failures = [var.interface_endpoints]
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
