output "webserver_url" {
  description = "Address of the Airflow UI."
  value       = aws_mwaa_environment.this.webserver_url
}

output "execution_role_arn" {
  description = "Role that schedulers, workers and web server run as."
  value       = aws_iam_role.execution.arn
}
