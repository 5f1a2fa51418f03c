output "database" {
  description = "Database of the Glue catalogue."
  value       = aws_glue_catalog_database.history.name
}

output "workgroup" {
  description = "Athena's workgroup in which it is asked."
  value       = aws_athena_workgroup.history.name
}

output "reader_policy_arn" {
  description = "Policy to attach to a role whose people read the history."
  value       = aws_iam_policy.reader.arn
}
