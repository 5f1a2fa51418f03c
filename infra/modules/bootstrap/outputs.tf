output "state_bucket" {
  description = "Name of the state bucket: the `bucket` of the environments' backend."
  value       = aws_s3_bucket.state.id
}

output "oidc_provider_arn" {
  description = "ARN of the CI's identity provider."
  value       = aws_iam_openid_connect_provider.ci.arn
}

output "trail_bucket" {
  description = "Bucket with the record of who did what in the account."
  value       = aws_s3_bucket.trail.id
}
