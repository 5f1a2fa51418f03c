variable "account_id" {
  description = "AWS account of this environment; any other is refused."
  type        = string
}

variable "repository" {
  description = "Repository, as owner/name, whose CI may deploy."
  type        = string
}

variable "alert_emails" {
  description = "Addresses that get every alert."
  type        = set(string)
}

variable "dump_writer_role_arns" {
  description = "Roles of the property-management side that upload dumps."
  type        = list(string)
}

variable "operator_cidrs" {
  description = "Address ranges, of the VPN for example, whose browsers may reach the Airflow UI."
  type        = list(string)
}

variable "settings" {
  description = "Settings of the platform that differ from their defaults, name to value; infra/README.md lists them."
  type        = map(string)
  default     = {}
}

variable "openlineage_transport" {
  description = "Where Airflow sends OpenLineage events, as JSON without secrets; empty sends none. See dbt/lineage.md#openlineage."
  type        = string
  default     = ""
}

variable "quicksight_enabled" {
  description = "Set to true after the first green run."
  type        = bool
  default     = false
}

variable "quicksight_users" {
  description = "QuickSight users: mail address, organisation, and whether they try changes of dashboards as authors."
  type        = map(object({ email = string, organisation = string, author = optional(bool, false) }))
  default     = {}
}

variable "rotation_enabled" {
  description = "Set to true once the database users exist: infra/README.md, step 3."
  type        = bool
  default     = false
}
