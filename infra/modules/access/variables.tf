variable "name" {
  description = "Name of the MWAA environment and prefix of the names, for example gghouse-prod."
  type        = string
}

variable "people" {
  description = "Who may assume the three roles: ARNs of users or roles, the account's own if none, and whether they must have used a second factor."
  type = object({
    principal_arns = optional(list(string), [])
    mfa            = optional(bool, true) # IAM Identity Center asks for it itself, and its sessions do not say so
  })
  default = {}

  validation {
    condition     = alltrue([for arn in var.people.principal_arns : can(regex("^arn:aws:iam::\\d{12}:(root|role/|user/)", arn))])
    error_message = "people.principal_arns must be ARNs of an account, of roles or of users."
  }
}

variable "webserver_host" {
  description = "Host of the Airflow UI."
  type        = string
}

variable "database_host" {
  description = "Host of the database's writer."
  type        = string
}

variable "secret_arns" {
  description = "Secrets that an administrator reads to make the database users: the master's and the users'."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key of the machine's disk and of the secrets."
  type        = string
}

variable "subnet_id" {
  description = "Private subnet of the machine."
  type        = string
}

variable "security_group_id" {
  description = "Security group of the machine: admin."
  type        = string
}
