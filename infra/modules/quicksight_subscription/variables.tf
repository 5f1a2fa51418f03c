variable "account_name" {
  description = "Name of the QuickSight account, unique in the world; it cannot be changed."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,61}$", var.account_name))
    error_message = "account_name must be at most 62 letters, digits and hyphens, for it becomes a part of addresses."
  }
}

variable "notification_email" {
  description = "Mail address for QuickSight's notices about the account."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+$", var.notification_email))
    error_message = "notification_email must be a mail address."
  }
}
