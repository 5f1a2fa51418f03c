output "state_bucket" {
  description = "Bucket for the environments' state: `terraform init -backend-config=bucket=...`."
  value       = module.bootstrap.state_bucket
}

output "oidc_provider_arn" {
  description = "Identity provider of the CI."
  value       = module.bootstrap.oidc_provider_arn
}

output "trail_bucket" {
  description = "Bucket with the record of who did what in the account."
  value       = module.bootstrap.trail_bucket
}
