variable "name" {
  description = "Prefix of the names, for example gghouse-prod; the account number is appended."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,44}$", var.name))
    error_message = "name must be at most 45 lower-case letters, digits and hyphens, for bucket names end at 63."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts what lies in the working buckets."
  type        = string
}

variable "dump_writer_role_arns" {
  description = "Roles of the property-management side that upload dumps and manifests; they can write there and nothing else."
  type        = list(string)
  default     = []
}

variable "dumps_keep_days" {
  description = "Days after which a received dump is deleted; the copy under processed/ stays longer."
  type        = number
  default     = 90

  validation {
    condition     = var.dumps_keep_days >= 14
    error_message = "dumps_keep_days must be 14 or more, or a bad fortnight cannot be run again."
  }
}

variable "processed_keep_days" {
  description = "Days after which the copy of a used dump is deleted."
  type        = number
  default     = 730

  validation {
    condition     = var.processed_keep_days >= 121
    error_message = "processed_keep_days must be 121 or more: 30 days warm and the 90 that cold storage is billed for anyway."
  }
}

variable "reports_keep_days" {
  description = "Days after which a flash report or a comparison of a rent roll is deleted; seven years unless an environment says otherwise."
  type        = number
  default     = 2557

  validation {
    condition     = var.reports_keep_days >= 400
    error_message = "reports_keep_days must be 400 or more, so that a month can be compared with the year before."
  }
}

variable "answers_of_athena" {
  description = "Whether Athena puts its answers below athena/, where they expire; see the module lake."
  type        = bool
  default     = false
}

variable "force_destroy" {
  description = "Whether destroying deletes what lies in the buckets; never true in production."
  type        = bool
  default     = false
}
