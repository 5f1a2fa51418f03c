# Copy to terraform.tfvars and fill in; the checks plan with this file.
account_id            = "123456789012"
repository            = "example/tokyobeta-data-foundation"
alert_emails          = ["data-platform@example.com"]
dump_writer_role_arns = []
operator_cidrs        = ["192.0.2.0/24"]
rotation_enabled      = true # false until the database users exist
quicksight_enabled    = true # false until the first green run
# settings            = { require_manifest = true, source_host = "pms.example.com" } # see infra/README.md

quicksight_users = {
  "author@example.com" = { email = "author@example.com", organisation = "asset_manager", author = true }
  "reader@example.com" = { email = "reader@example.com", organisation = "property_manager" }
}

# people                  = { principal_arns = ["arn:aws:iam::123456789012:role/…"], mfa = false } # IAM Identity Center
# report_access           = { property_manager = { principal_arns = ["arn:aws:iam::210987654321:role/…"] } }
# dump_host               = { ec2 = false, role_arns = ["arn:aws:iam::210987654321:role/…"] }
# quicksight_subscription = { account_name = "gghouse-example", notification_email = "data-platform@example.com" }
