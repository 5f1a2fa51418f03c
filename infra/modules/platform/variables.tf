variable "environment" {
  description = "Name of the environment, for example prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "environment must be 2 to 12 lower-case letters and digits."
  }
}

variable "protected" {
  description = "Whether the database refuses deletion and leaves a last snapshot, full buckets survive a destroy, and deleted secrets can be brought back."
  type        = bool
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
  description = "Address ranges whose browsers may reach the private Airflow UI."
  type        = list(string)
  default     = []
}

variable "vpc_cidr" {
  description = "Address range of the VPC, a /16."
  type        = string
  default     = "10.20.0.0/16"
}

variable "interface_endpoints" {
  description = "AWS services reached without the NAT gateway."
  type        = set(string)
  default     = ["secretsmanager"]
}

variable "airflow_version" {
  description = "Version of Airflow."
  type        = string
  default     = "3.3.1"
}

variable "mwaa" {
  description = "Size and openness of the Airflow environment."
  type = object({
    environment_class     = optional(string, "mw1.small")
    min_workers           = optional(number, 1)
    max_workers           = optional(number, 2)
    webserver_access_mode = optional(string, "PRIVATE_ONLY")
  })
  default = {}
}

variable "aurora" {
  description = "Size of the database, instances of a class or a serverless range, and its version."
  type = object({
    instance_class      = optional(string, "db.t4g.medium")
    instance_count      = optional(number, 2)
    serverless_capacity = optional(object({ min = number, max = number }))
    max_connections     = optional(number, 200)
    engine_version      = optional(string)
  })
  default = {}
}

variable "ca_bundle_path" {
  description = "File with Amazon's database certificate authorities, on the Airflow workers; the bundle brings it."
  type        = string
  default     = "/usr/local/airflow/dags/rds-ap-northeast-1-bundle.pem"
}

variable "settings" {
  description = "Settings of include/settings.py that differ from their defaults, name to value; see the module mwaa."
  type        = map(string)
  default     = {}
}

variable "openlineage_transport" {
  description = "Where Airflow sends OpenLineage events, as JSON without secrets; empty sends none. See dbt/lineage.md#openlineage."
  type        = string
  default     = ""
}

variable "monthly_budget_usd" {
  description = "Cost a month, in USD, that is expected."
  type        = number
}

variable "quicksight_enabled" {
  description = "Whether QuickSight is set up; it needs a subscription, the database users and the gold tables."
  type        = bool
  default     = false
}

variable "quicksight_users" {
  description = "QuickSight users: mail address, organisation, and whether they try changes of dashboards as authors."
  type        = map(object({ email = string, organisation = string, author = optional(bool, false) }))
  default     = {}
}

variable "rotation_enabled" {
  description = "Whether the database users' passwords rotate; they must exist first."
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
