variable "name" {
  description = "Prefix of the names, for example gghouse-prod."
  type        = string
}

variable "trusted" {
  description = "Who may have the role: EC2 machines of this account by instance profile, roles of other accounts, or a machine outside AWS with a certificate of this name (CN) by this authority (PEM)."
  type = object({
    ec2                   = optional(bool, true)
    role_arns             = optional(list(string), [])
    certificate_authority = optional(string)
    certificate_name      = optional(string)
  })
  default = {}

  validation {
    condition     = alltrue([for arn in var.trusted.role_arns : can(regex("^arn:aws:iam::\\d{12}:role/[^*?]+$", arn))])
    error_message = "trusted.role_arns must be ARNs of IAM roles, without wildcards."
  }

  validation {
    condition     = (var.trusted.certificate_authority == null) == (var.trusted.certificate_name == null)
    error_message = "trusted.certificate_authority and trusted.certificate_name go together, or any certificate of the authority would do."
  }

  validation {
    condition     = var.trusted.ec2 || length(var.trusted.role_arns) > 0 || var.trusted.certificate_authority != null
    error_message = "trusted must name at least one way to the role."
  }
}

variable "data_bucket" {
  description = "Bucket that dumps are delivered to."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the bucket."
  type        = string
}
