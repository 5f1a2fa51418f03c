output "arn" {
  description = "ARN of the role, for the CI's configuration."
  value       = aws_iam_role.deploy.arn
}

output "plan_arn" {
  description = "ARN of the role that CI assumes to plan."
  value       = aws_iam_role.plan.arn
}
