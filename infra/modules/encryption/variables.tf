variable "name" {
  description = "Prefix of the names, for example gghouse-prod."
  type        = string
}

variable "dump_writer_role_arns" {
  description = "Roles that upload dumps; they may use the key through S3 only."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.dump_writer_role_arns : can(regex("^arn:aws:iam::\\d{12}:role/", arn))])
    error_message = "dump_writer_role_arns must be ARNs of IAM roles."
  }
}
