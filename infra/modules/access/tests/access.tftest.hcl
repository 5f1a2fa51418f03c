mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name              = "gghouse-test"
  webserver_host    = "abc-vpce.c2.ap-northeast-1.airflow.amazonaws.com"
  database_host     = "gghouse-test.cluster-abc.ap-northeast-1.rds.amazonaws.com"
  secret_arns       = ["arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:master-AbCdEf"]
  kms_key_arn       = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  subnet_id         = "subnet-1"
  security_group_id = "sg-admin"
}

run "no_way_in_but_systems_manager" {
  assert {
    condition     = aws_instance.forwarder.metadata_options[0].http_tokens == "required" && aws_instance.forwarder.root_block_device[0].encrypted
    error_message = "The machine answers metadata to tokens only, and its disk is encrypted."
  }

  assert {
    condition     = aws_instance.forwarder.vpc_security_group_ids == toset(["sg-admin"]) && aws_iam_role_policy_attachment.agent.policy_arn == "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    error_message = "The machine is of the group admin alone, and its role does nothing but serve Systems Manager."
  }
}

run "one_document_on_one_machine" {
  assert {
    condition     = alltrue([for role in ["viewer", "operator", "admin"] : one([for each in data.aws_iam_policy_document.enter[role].statement : each.resources if each.sid == "Forward"]) == toset(["arn:aws:ec2:ap-northeast-1:123456789012:instance/${aws_instance.forwarder.id}", "arn:aws:ssm:ap-northeast-1::document/AWS-StartPortForwardingSessionToRemoteHost"])])
    error_message = "A person may forward ports of this machine and open no shell."
  }

  assert {
    condition     = alltrue([for each in flatten([for document in data.aws_iam_policy_document.enter : document.statement]) : one(each.condition).variable == "ssm:SessionDocumentAccessCheck" if each.sid == "Forward"])
    error_message = "Without the check of the document a session without one, a shell, would be allowed."
  }
}

run "each_role_is_one_of_airflows" {
  assert {
    condition     = { for role, document in data.aws_iam_policy_document.enter : role => one(one([for each in document.statement : each.resources if each.sid == "AirflowUi"])) } == { for role, name in { viewer = "Viewer", operator = "Op", admin = "Admin" } : role => "arn:aws:airflow:ap-northeast-1:123456789012:role/gghouse-test/${name}" }
    error_message = "viewer, operator and admin are Viewer, Op and Admin in Airflow."
  }

  assert {
    condition     = [for role, document in data.aws_iam_policy_document.enter : role if anytrue([for each in document.statement : contains(each.actions, "secretsmanager:GetSecretValue")])] == ["admin"]
    error_message = "Only the administrator reads secrets."
  }
}

run "people_of_the_account_with_a_second_factor" {
  assert {
    condition     = one(one(data.aws_iam_policy_document.person.statement[0].principals).identifiers) == "arn:aws:iam::123456789012:root" && one(data.aws_iam_policy_document.person.statement[0].condition).variable == "aws:MultiFactorAuthPresent"
    error_message = "By default people of the account enter, with a second factor."
  }
}

run "named_people_alone" {
  variables {
    people = { principal_arns = ["arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Data"], mfa = false }
  }

  assert {
    condition     = one(one(data.aws_iam_policy_document.person.statement[0].principals).identifiers) == "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Data" && length(data.aws_iam_policy_document.person.statement[0].condition) == 0
    error_message = "Who is named replaces the account as a whole."
  }
}

run "the_commands_lead_to_the_two_hosts" {
  assert {
    condition     = strcontains(output.commands.database, "host=gghouse-test.cluster-abc.ap-northeast-1.rds.amazonaws.com,portNumber=3306,localPortNumber=13306") && strcontains(output.commands.airflow, "host=abc-vpce.c2.ap-northeast-1.airflow.amazonaws.com,portNumber=443,localPortNumber=443")
    error_message = "The commands must name the far hosts and the ports of the guide."
  }
}

run "refuses_everybody" {
  command = plan

  variables {
    people = { principal_arns = ["*"] }
  }

  expect_failures = [var.people]
}
