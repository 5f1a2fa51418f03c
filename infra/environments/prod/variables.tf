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
  description = "Roles of other accounts that upload dumps themselves; the host's own role is made here."
  type        = list(string)
  default     = []
}

variable "operator_cidrs" {
  description = "Address ranges, of the VPN for example, whose browsers may reach the Airflow UI."
  type        = list(string)
}

variable "webserver_access_mode" {
  description = "PRIVATE_ONLY: the Airflow UI answers inside the VPC only. PUBLIC_ONLY: on the internet, behind IAM."
  type        = string
  default     = "PRIVATE_ONLY"
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

variable "people" {
  description = "Who may assume the roles viewer, operator and admin: ARNs of users or roles, the account's own if none, and whether with a second factor; null makes no way in."
  type        = object({ principal_arns = optional(list(string), []), mfa = optional(bool, true) })
  default     = {}
}

variable "report_access" {
  description = "Who may assume the roles property-manager and tenant-list: ARNs of users, roles or accounts, and whether with a second factor; nobody by default. See the module report_access."
  type = object({
    property_manager = optional(object({ principal_arns = optional(list(string), []), mfa = optional(bool, true) }), {})
    tenant_list      = optional(object({ principal_arns = optional(list(string), []), mfa = optional(bool, true) }), {})
  })
  default = {}
}

variable "reports_keep_days" {
  description = "Days after which a flash report or a comparison of a rent roll is deleted; seven years unless said otherwise."
  type        = number
  default     = 2557
}

variable "dump_host" {
  description = "Who may have the role that delivers dumps: EC2 machines of this account, roles of other accounts, or a machine with a certificate; see the module dump_host."
  type = object({
    ec2                   = optional(bool, true)
    role_arns             = optional(list(string), [])
    certificate_authority = optional(string)
    certificate_name      = optional(string)
  })
  default = {}
}

variable "quicksight_subscription" {
  description = "Name of the QuickSight account, unique in the world, and the mail address for notices about it; null where it was subscribed by hand."
  type        = object({ account_name = string, notification_email = string })
  default     = null
}
