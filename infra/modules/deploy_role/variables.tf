variable "name" {
  description = "Name of the MWAA environment, for example gghouse-prod."
  type        = string
}

variable "environment" {
  description = "Protected environment of the CI from which alone the role may be assumed, for example prod."
  type        = string
}

variable "repository" {
  description = "Repository as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.repository))
    error_message = "repository must be owner/name, without wildcards."
  }
}

variable "oidc_issuer" {
  description = "Issuer of the CI's identity tokens, without https://."
  type        = string
  default     = "token.actions.githubusercontent.com"
}

variable "mwaa_bucket" {
  description = "Bucket that releases are uploaded to."
  type        = string
}

variable "execution_role_arn" {
  description = "Role of the MWAA environment, which an update hands over again."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the bucket."
  type        = string
}
