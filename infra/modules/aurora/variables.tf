variable "name" {
  description = "Identifier of the cluster, for example gghouse-prod."
  type        = string
}

# Raise it once a year within 3.10, to what `aws rds describe-db-engine-versions --engine aurora-mysql` offers: dev first,
# prod a week later. RDS restarts the instances in the next maintenance window; until then a plan shows the change.
variable "engine_version" {
  description = "Aurora MySQL 3 version, of the line with long-term support; null for the tested one."
  type        = string
  default     = "8.0.mysql_aurora.3.10.3"
  nullable    = false

  validation {
    condition     = can(regex("^8\\.0\\.mysql_aurora\\.3\\.\\d+\\.\\d+$", var.engine_version))
    error_message = "engine_version must be of Aurora MySQL 3, for example 8.0.mysql_aurora.3.10.3."
  }
}

variable "instance_class" {
  description = "Class of each instance; ignored when serverless_capacity is set."
  type        = string
  default     = "db.t4g.medium"

  validation {
    condition     = can(regex("^db\\.(t4g\\.(medium|large)|r[678]g\\.[a-z0-9]+)$", var.instance_class))
    error_message = "instance_class must be an ARM class that Aurora MySQL offers, such as db.t4g.medium or db.r7g.large."
  }
}

variable "instance_count" {
  description = "Number of instances; the first writes, the others take over."
  type        = number
  default     = 2

  validation {
    condition     = var.instance_count >= 1 && var.instance_count <= 3
    error_message = "instance_count must be 1 to 3."
  }
}

variable "serverless_capacity" {
  description = "Smallest and largest capacity in Aurora capacity units; null for instances of a fixed class."
  type        = object({ min = number, max = number })
  default     = null

  validation {
    condition     = var.serverless_capacity == null ? true : var.serverless_capacity.min >= 0.5 && var.serverless_capacity.max > var.serverless_capacity.min
    error_message = "serverless_capacity needs min of 0.5 or more (0 would sleep, and the alarms with it) and max above it."
  }
}

variable "max_connections" {
  description = "Connections that the server admits."
  type        = number
  default     = 200
}

variable "subnet_ids" {
  description = "Private subnets in two zones."
  type        = list(string)
}

variable "security_group_id" {
  description = "Security group of the database."
  type        = string
}

variable "kms_key_arn" {
  description = "Key for storage, snapshots, logs and the master's secret."
  type        = string
}

variable "backup_retention_days" {
  description = "Days of point-in-time recovery."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35
    error_message = "backup_retention_days must be 7 to 35."
  }
}

variable "deletion_protection" {
  description = "Whether the cluster refuses to be deleted, and leaves a last snapshot when it is."
  type        = bool
  default     = true
}
