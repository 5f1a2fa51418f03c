variable "name" {
  description = "Prefix of the names in the account, for example gghouse."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "name must be 2 to 21 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "oidc_issuer_url" {
  description = "Issuer of the CI's identity tokens."
  type        = string
  default     = "https://token.actions.githubusercontent.com"

  validation {
    condition     = startswith(var.oidc_issuer_url, "https://")
    error_message = "oidc_issuer_url must begin with https://."
  }
}
