variable "name" {
  description = "Prefix of the names, for example gghouse-prod."
  type        = string
}

variable "data_bucket" {
  description = "Bucket that holds history/ and takes answers below athena/."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the bucket."
  type        = string
}

variable "first_date" {
  description = "First business date of the history, as include/schedule.py has it."
  type        = string
  default     = "2025-05-11"
}

variable "most_bytes_per_query" {
  description = "Bytes at which Athena stops a query; ten years of 50,000 tenants are about a tenth of the default."
  type        = number
  default     = 10000000000

  validation {
    condition     = var.most_bytes_per_query >= 10485760
    error_message = "most_bytes_per_query must be 10,485,760 or more: Athena takes no smaller limit."
  }
}
