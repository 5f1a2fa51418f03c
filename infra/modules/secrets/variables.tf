variable "name" {
  description = "Prefix of the names, for example gghouse-prod."
  type        = string
}

variable "connections_prefix" {
  description = "Prefix under which Airflow's secrets backend looks for connections."
  type        = string
  default     = "airflow/connections"

  validation {
    condition     = !endswith(var.connections_prefix, "/")
    error_message = "connections_prefix must not end with a slash."
  }
}

variable "host" {
  description = "Host name of the writer."
  type        = string
}

variable "port" {
  description = "TCP port of the database."
  type        = number
}

variable "ca_bundle_path" {
  description = "File with Amazon's database certificate authorities, on the Airflow workers."
  type        = string

  validation {
    condition     = startswith(var.ca_bundle_path, "/")
    error_message = "ca_bundle_path must be an absolute path."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the secrets."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets for the rotation function."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the rotation function."
  type        = string
}

variable "rotation_enabled" {
  description = "Whether the passwords rotate; true once the users exist in the database."
  type        = bool
  default     = false
}

variable "recovery_window_days" {
  description = "Days during which a deleted secret can be brought back; 0 deletes at once, so that the name is free again."
  type        = number
  default     = 7

  validation {
    condition     = var.recovery_window_days == 0 || (var.recovery_window_days >= 7 && var.recovery_window_days <= 30)
    error_message = "recovery_window_days must be 0 or 7 to 30."
  }
}
