output "alert_topic_arn" {
  description = "Topic that mails the operators."
  value       = aws_sns_topic.alerts.arn
}

output "dashboard_name" {
  description = "CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "metric_namespace" {
  description = "CloudWatch namespace of the platform's own metrics."
  value       = var.metric_namespace
}
