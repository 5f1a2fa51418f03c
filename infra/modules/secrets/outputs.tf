output "arns" {
  description = "ARN of each database user's secret: loader, restore, dbt, bi."
  value       = { for user, secret in aws_secretsmanager_secret.this : user => secret.arn }
}

output "connections_prefix" {
  description = "Prefix under which Airflow finds its connections."
  value       = var.connections_prefix
}
