variable "name" {
  description = "Prefix of the names, for example gghouse-prod."
  type        = string
}

variable "cidr" {
  description = "Address range of the VPC, a /16."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && endswith(var.cidr, "/16")
    error_message = "cidr must be a /16, for example 10.20.0.0/16."
  }
}

variable "availability_zones" {
  description = "Two zones; MWAA takes exactly two."
  type        = list(string)
  default     = ["ap-northeast-1a", "ap-northeast-1c"]

  validation {
    condition     = length(distinct(var.availability_zones)) == 2
    error_message = "availability_zones must name two different zones, for that is what MWAA takes."
  }
}

variable "interface_endpoints" {
  description = "AWS services reached without the NAT gateway, at about 20 USD a month each."
  type        = set(string)
  default     = ["secretsmanager"]

  validation {
    condition     = alltrue([for service in var.interface_endpoints : contains(["bedrock", "bedrock-runtime", "kms", "logs", "monitoring", "secretsmanager", "sns", "sqs", "sts"], service)])
    error_message = "interface_endpoints may name bedrock, bedrock-runtime, kms, logs, monitoring, secretsmanager, sns, sqs and sts."
  }
}

variable "operator_cidrs" {
  description = "Address ranges, of a VPN for example, whose browsers may reach the private Airflow web server."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.operator_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "operator_cidrs must be address ranges narrower than the whole internet."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the flow log."
  type        = string
}
