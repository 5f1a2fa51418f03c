variable "account_id" {
  description = "AWS account to prepare; any other is refused."
  type        = string
}
