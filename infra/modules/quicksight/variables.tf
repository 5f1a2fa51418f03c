variable "name" {
  description = "Name of the MWAA environment and prefix of the ids, for example gghouse-prod."
  type        = string
}

variable "host" {
  description = "Host name of the readers."
  type        = string
}

variable "port" {
  description = "TCP port of the database."
  type        = number
}

variable "bi_secret_arn" {
  description = "Secret with the login of the database user bi."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of that secret."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets in two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must be at least two, as QuickSight wants."
  }
}

variable "security_group_id" {
  description = "Security group of QuickSight's interfaces."
  type        = string
}

variable "users" {
  description = "QuickSight users: mail address, organisation, and whether they try changes of dashboards as authors."
  type        = map(object({ email = string, organisation = string, author = optional(bool, false) }))
  default     = {}

  validation {
    condition     = alltrue([for user in var.users : contains(["pe_investor", "spc", "asset_manager", "property_manager"], user.organisation)])
    error_message = "A user's organisation must be pe_investor, spc, asset_manager or property_manager."
  }
}
