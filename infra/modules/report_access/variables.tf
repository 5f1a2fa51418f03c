variable "name" {
  description = "Prefix of the names, for example gghouse-prod."
  type        = string
}

variable "people" {
  description = "Who may assume the two roles: ARNs of users, roles or accounts, and whether they must have used a second factor. Without ARNs a role is not made."
  type = object({
    property_manager = optional(object({
      principal_arns = optional(list(string), [])
      mfa            = optional(bool, true) # IAM Identity Center asks for it itself, and its sessions do not say so
    }), {})
    tenant_list = optional(object({
      principal_arns = optional(list(string), [])
      mfa            = optional(bool, true)
    }), {})
  })
  default = {}

  validation {
    condition     = alltrue([for arn in concat(var.people.property_manager.principal_arns, var.people.tenant_list.principal_arns) : can(regex("^arn:aws:iam::\\d{12}:(root|role/|user/)", arn))])
    error_message = "principal_arns must be ARNs of an account, of roles or of users."
  }
}

variable "data_bucket" {
  description = "Bucket that holds the reports."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the bucket."
  type        = string
}
