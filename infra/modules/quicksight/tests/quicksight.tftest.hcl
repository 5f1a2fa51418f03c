mock_provider "aws" {
  source = "../../check/mocks"
}

variables {
  name              = "gghouse-test"
  host              = "db.internal"
  port              = 3306
  bi_secret_arn     = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:gghouse-test/aurora_bi-AbCdEf"
  subnet_ids        = ["subnet-1", "subnet-2"]
  security_group_id = "sg-1"
  kms_key_arn       = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"

  users = {
    author = { email = "author@example.com", organisation = "asset_manager", author = true }
    reader = { email = "reader@example.com", organisation = "spc" }

    manager = { email = "manager@example.com", organisation = "property_manager" }
  }
}

run "every_data_set_in_spice" {
  assert {
    condition     = output.data_set_ids == [for table in sort(keys(local.data_sets)) : "gghouse-test-${table}"] && length(output.data_set_ids) > 0
    error_message = "Data sets are named after the environment and the table."
  }

  assert {
    condition     = alltrue([for data_set in aws_quicksight_data_set.this : data_set.import_mode == "SPICE" && contains(["gold", "reports"], one(data_set.physical_table_map).relational_table[0].schema)])
    error_message = "Readers query SPICE, filled from what the login bi may read."
  }

  assert {
    condition     = one(aws_quicksight_data_set.this["correction_counts"].physical_table_map).relational_table[0].schema == "reports"
    error_message = "The tables of the reports are no part of gold."
  }

  assert {
    condition     = !aws_quicksight_data_source.gold.ssl_properties[0].disable_ssl
    error_message = "QuickSight speaks TLS with the database."
  }
}

run "columns_say_what_they_mean_and_where_they_are" {
  assert {
    condition = {
      for transform in one(aws_quicksight_data_set.this["occupancy_property_map_latest"].logical_table_map).data_transforms :
      transform.tag_column_operation[0].column_name => transform.tag_column_operation[0].tags[0].column_geographic_role
      if length(transform.tag_column_operation[0].tags) == 2
    } == { latitude = "LATITUDE", longitude = "LONGITUDE" }
    error_message = "A map finds its points by the roles of two columns."
  }

  assert {
    condition = alltrue(flatten([
      for data_set in aws_quicksight_data_set.this : [
        for transform in one(data_set.logical_table_map).data_transforms : anytrue([for tag in transform.tag_column_operation[0].tags : try(length(tag.column_description[0].text) > 0, false)])
      ]
    ]))
    error_message = "Every column has a description."
  }
}

run "a_profile_denies_every_way_out" {
  assert {
    condition = jsondecode(aws_cloudformation_stack.profile["look"].template_body).Resources.Profile.Properties == {
      AwsAccountId          = "123456789012"
      CustomPermissionsName = "gghouse-test-look"
      Capabilities          = { for capability in local.profiles.look : capability => "DENY" }
    }
    error_message = "Who may only look takes no figure along."
  }

  assert {
    condition     = length(setintersection(local.profiles.look, local.profiles.export)) == 0
    error_message = "The property manager exports."
  }

  assert {
    condition = output.profiles == [
      "update-role-custom-permission --aws-account-id 123456789012 --namespace default --role AUTHOR --custom-permissions-name gghouse-test-look",
      "update-role-custom-permission --aws-account-id 123456789012 --namespace default --role READER --custom-permissions-name gghouse-test-look",
      "update-user-custom-permission --aws-account-id 123456789012 --namespace default --user-name 'manager' --custom-permissions-name gghouse-test-export",
    ]
    error_message = "Everybody may only look, but the property manager's users."
  }
}

run "only_the_property_manager_exports" {
  assert {
    condition     = local.readers == { view = ["asset_manager", "pe_investor", "spc"], export = ["property_manager"] }
    error_message = "Three organisations may look, the property manager may export."
  }
}

run "users_by_organisation" {
  assert {
    condition     = aws_quicksight_user.this["reader"].user_role == "READER" && aws_quicksight_group_membership.organisation["reader"].group_name == "gghouse-test-spc"
    error_message = "A reader belongs to the group of the organisation."
  }

  assert {
    condition     = keys(aws_quicksight_group_membership.authors) == ["author"]
    error_message = "Only authors draw dashboards."
  }
}

run "refuses_strangers" {
  command = plan

  variables {
    users = { stranger = { email = "stranger@example.com", organisation = "somebody" } }
  }

  expect_failures = [var.users]
}
