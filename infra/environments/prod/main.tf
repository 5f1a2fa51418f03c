# Production, about 732 USD a month (Tokyo, estimates, see infra/README.md#what-it-costs; without MWAA 372):
#
# | item                                    | USD |
# |-----------------------------------------|-----|
# | MWAA mw1.small, 1 to 2 workers          | 360 | the price of a managed Airflow with a UI that operators live in
# | MWAA's endpoints in the VPC             | 41  |
# | Aurora 2 x db.t4g.medium, 15 GB, I/O    | 172 |
# | QuickSight, 1 author and 13 readers     | 63  |
# | NAT gateway and one interface endpoint  | 66  |
# | the way in                              | 5   |
# | performance and flow logs, metrics      | 15  |
# | S3, secrets, key, trail, budget         | 10  |

module "platform" {
  source = "../../modules/platform"

  environment        = "prod"
  protected          = true
  monthly_budget_usd = 900
  mwaa               = { webserver_access_mode = var.webserver_access_mode }

  repository            = var.repository
  alert_emails          = var.alert_emails
  dump_writer_role_arns = var.dump_writer_role_arns
  operator_cidrs        = var.operator_cidrs
  settings              = var.settings
  openlineage_transport = var.openlineage_transport
  quicksight_enabled    = var.quicksight_enabled
  quicksight_users      = var.quicksight_users
  rotation_enabled      = var.rotation_enabled

  people                  = var.people
  report_access           = var.report_access
  reports_keep_days       = var.reports_keep_days
  dump_host               = var.dump_host
  quicksight_subscription = var.quicksight_subscription
}
