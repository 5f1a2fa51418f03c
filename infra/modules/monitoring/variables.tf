variable "name" {
  description = "Name of the MWAA environment and prefix of the names, for example gghouse-prod."
  type        = string
}

variable "alert_emails" {
  description = "Addresses that get every alert; each confirms once."
  type        = set(string)

  validation {
    condition     = length(var.alert_emails) > 0 && alltrue([for address in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "alert_emails must name at least one mail address, or no alert arrives."
  }
}

variable "kms_key_arn" {
  description = "Key of the topic; its policy lets CloudWatch and Budgets use it."
  type        = string
}

variable "cluster_identifier" {
  description = "Aurora cluster to watch."
  type        = string
}

variable "burstable" {
  description = "Whether the database's instances live on CPU credits, which are watched then."
  type        = bool
  default     = true
}

variable "has_readers" {
  description = "Whether the database has instances that only read, whose lag is watched then."
  type        = bool
  default     = true
}

variable "max_connections" {
  description = "Connections that the database admits; the alarm is at 80 per cent."
  type        = number
}

variable "metric_namespace" {
  description = "CloudWatch namespace of the platform's own metrics: published, data_age_days, load_undeclared_rejects."
  type        = string
}

variable "monitored_tables" {
  description = "Tables whose age is watched, as schema.table."
  type        = set(string)
  default = [
    "staging.movings",
    "staging.tenants",
    "staging.rooms",
    "staging.apartments",
    "history.tenant_daily_snapshots",
    "silver.tenant_room_snapshot_daily",
    "gold.occupancy_daily_metrics",
  ]

  validation {
    condition     = alltrue([for table in var.monitored_tables : can(regex("^[a-z_]+\\.[a-z_]+$", table))])
    error_message = "monitored_tables must be given as schema.table."
  }
}

variable "data_age_limit_days" {
  description = "Days above which a table's newest row is too old."
  type        = number
  default     = 2
}

variable "monthly_budget_usd" {
  description = "Cost a month, in USD, of which 80 per cent spent or 100 per cent forecast is mailed."
  type        = number

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd must be above 0."
  }
}
