output "arn" {
  description = "ARN of the role, for the CI's configuration."
  value       = aws_iam_role.deploy.arn
}
