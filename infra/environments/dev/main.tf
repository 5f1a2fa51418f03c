# Development, about 294 USD a month while it stands (Tokyo, estimates, see infra/README.md#what-it-costs): MWAA mw1.micro
# 75 and its endpoints 41, one db.t4g.medium 89, NAT gateway 45, the way in 5, logs, metrics and the rest 15, and one
# QuickSight author 24. It may be destroyed and made again.

module "platform" {
  source = "../../modules/platform"

  environment         = "dev"
  protected           = false
  monthly_budget_usd  = 350
  vpc_cidr            = "10.30.0.0/16"
  interface_endpoints = []
  aurora              = { instance_count = 1 }
  mwaa                = { environment_class = "mw1.micro", max_workers = 1, webserver_access_mode = var.webserver_access_mode }

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
