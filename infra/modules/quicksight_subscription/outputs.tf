output "status" {
  description = "State of the subscription, ACCOUNT_CREATED when QuickSight can be used."
  value       = aws_quicksight_account_subscription.this.account_subscription_status
}
