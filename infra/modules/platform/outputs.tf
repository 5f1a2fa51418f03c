output "airflow_url" {
  description = "Address of the Airflow UI."
  value       = module.mwaa.webserver_url
}

output "data_bucket" {
  description = "Bucket that dumps are delivered to."
  value       = module.storage.data_bucket
}

output "mwaa_bucket" {
  description = "Bucket that releases are deployed to."
  value       = module.storage.mwaa_bucket
}

output "deploy_role_arn" {
  description = "Role that CI assumes to deploy."
  value       = module.deploy_role.arn
}

output "database" {
  description = "What `python -m infra database` needs: host, master secret and the users' secrets."
  value = {
    host          = module.aurora.endpoint
    port          = module.aurora.port
    master_secret = module.aurora.master_secret_arn
    user_secrets  = module.secrets.arns
  }
}

output "admin_network" {
  description = "Subnets and security group for a person's shell in the VPC, for example CloudShell."
  value = {
    subnet_ids        = module.networking.private_subnet_ids
    security_group_id = module.networking.security_group_ids["admin"]
  }
}

output "quicksight_invitations" {
  description = "Address at which each QuickSight user sets a password."
  value       = one(module.quicksight[*].invitations)
}

output "quicksight_dashboards" {
  description = "Address of each dashboard, by definition and folder."
  value       = one(module.quicksight[*].dashboards)
}

output "quicksight_profiles" {
  description = "Arguments of `aws quicksight` that assign the profiles; see infra/README.md, step 6."
  value       = one(module.quicksight[*].profiles)
}

output "access" {
  description = "The way in: roles to assume, the machine that forwards, and the commands."
  value       = one(module.access[*])
}

output "report_access" {
  description = "The roles that read reports and deliver their inputs, and the addresses at which a browser finds them."
  value       = module.report_access
}

output "dump_host" {
  description = "The role that delivers dumps, and what a host needs to have it."
  value       = module.dump_host
}

output "lake" {
  description = "Where the history is asked by Athena, null while the setting history_parquet is off."
  value       = one(module.lake[*])
}

output "plan_role_arn" {
  description = "Role that CI assumes to plan."
  value       = module.deploy_role.plan_arn
}
