variable "name" {
  description = "Name of the environment, for example gghouse-prod; data sets must bear it as prefix."
  type        = string
}

variable "environment" {
  description = "Name shown in alerts, for example prod."
  type        = string
}

variable "airflow_version" {
  description = "Version of Airflow: the one place that names it. Raising it upgrades in place."
  type        = string
  default     = "3.3.1"

  validation {
    condition     = contains(["3.2.1", "3.3.1"], var.airflow_version)
    error_message = "airflow_version must be 3.3.1 or 3.2.1: those are tested, and older ones have no deadline alerts."
  }
}

variable "environment_class" {
  description = "Size of schedulers, workers and web servers."
  type        = string
  default     = "mw1.small"

  validation {
    condition     = contains(["mw1.micro", "mw1.small", "mw1.medium", "mw1.large"], var.environment_class)
    error_message = "environment_class must be mw1.micro, mw1.small, mw1.medium or mw1.large."
  }
}

variable "min_workers" {
  description = "Workers that always run."
  type        = number
  default     = 1

  validation {
    condition     = var.min_workers >= 1
    error_message = "min_workers must be 1 or more."
  }
}

variable "max_workers" {
  description = "Workers at most; pools limit the work to what two can do."
  type        = number
  default     = 2

  validation {
    condition     = var.max_workers >= var.min_workers
    error_message = "max_workers must not be below min_workers."
  }
}

# PUBLIC_ONLY on Airflow 3.2 and later: tasks, too, talk to Airflow through the web server, so they leave the VPC by the NAT
# gateway for it. MWAA has the mode PUBLIC_AND_PRIVATE against that, which this provider (5.100) does not know:
# https://docs.aws.amazon.com/mwaa/latest/API/API_CreateEnvironment.html
variable "webserver_access_mode" {
  description = "PRIVATE_ONLY: the Airflow UI answers inside the VPC only, so operators come through a VPN. PUBLIC_ONLY: on the internet, behind IAM."
  type        = string
  default     = "PRIVATE_ONLY"

  validation {
    condition     = contains(["PRIVATE_ONLY", "PUBLIC_ONLY"], var.webserver_access_mode)
    error_message = "webserver_access_mode must be PRIVATE_ONLY or PUBLIC_ONLY."
  }
}

variable "mwaa_bucket" {
  description = "Versioned bucket with the code."
  type        = string
}

variable "dag_s3_path" {
  description = "Folder of the DAGs in the bucket when the environment is created; afterwards the deploy command sets it."
  type        = string
  default     = "dags"
}

variable "plugins_s3_path" {
  description = "Key of plugins.zip at creation, or null for none yet; afterwards the deploy command sets it."
  type        = string
  default     = null
}

variable "requirements_s3_path" {
  description = "Key of requirements.txt at creation, or null for none yet; afterwards the deploy command sets it."
  type        = string
  default     = null
}

variable "startup_script_s3_path" {
  description = "Key of the startup script at creation, or null for none yet; afterwards the deploy command sets it."
  type        = string
  default     = null
}

variable "data_bucket" {
  description = "Bucket with dumps, snapshots and archive."
  type        = string
}

variable "alert_topic_arn" {
  description = "SNS topic that mails the operators."
  type        = string
}

variable "metric_namespace" {
  description = "CloudWatch namespace of the platform's own metrics."
  type        = string
}

variable "quicksight_dataset_ids" {
  description = "Data sets to refresh after gold, in order; empty while there is no QuickSight."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.quicksight_dataset_ids : startswith(id, "${var.name}-")])
    error_message = "quicksight_dataset_ids must begin with the environment's name, for that is what the role may refresh."
  }
}

variable "report_dataset_ids" {
  description = "Data sets of the tables that reports make, which their DAGs refresh; empty while there is no QuickSight."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.report_dataset_ids : startswith(id, "${var.name}-")])
    error_message = "report_dataset_ids must begin with the environment's name, for that is what the role may refresh."
  }
}

# A map and not an object: Terraform drops an unknown attribute of an object without a word, so that a misspelt name
# would leave the default in force.
variable "settings" {
  description = "Settings of include/settings.py that differ from their defaults, name to value; null or empty means the default. Names and values: local.settings."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.settings), keys(local.settings))) == 0
    error_message = "settings must be named as in include/settings.py, not ${join(", ", setsubtract(keys(var.settings), keys(local.settings)))}; known are ${join(", ", keys(local.settings))}."
  }

  validation {
    condition     = can(regex("^(jp[.].*)?$", coalesce(lookup(var.settings, "nationality_model", null), "jp.")))
    error_message = "settings: nationality_model must be empty or begin with jp., the inference profiles that stay in Tokyo and Osaka: names of tenants must not leave Japan."
  }

  validation {
    condition     = coalesce(lookup(var.settings, "history_keep_days", null), "0") == "0" || coalesce(lookup(var.settings, "history_parquet", null), "false") == "true"
    error_message = "settings: history_keep_days needs history_parquet = true, for the database forgets only what is in Parquet."
  }

  validation {
    condition     = alltrue([for name, value in var.settings : can(regex("^(${lookup(local.settings, name, ".*")})?$", value == null ? "" : value))])
    error_message = "settings must be as include/settings.py reads them: ${join(", ", [for name, pattern in local.settings : "${name} is ${pattern}"])}."
  }
}

variable "openlineage_transport" {
  description = "Where Airflow sends OpenLineage events, as JSON without secrets; empty sends none. See dbt/lineage.md#openlineage."
  type        = string
  default     = ""

  validation {
    condition     = var.openlineage_transport == "" || can(jsondecode(var.openlineage_transport).type)
    error_message = "openlineage_transport must be a JSON object with a type, for example {\"type\": \"http\", \"url\": \"https://lineage.example\"}."
  }

  validation {
    condition     = can(regex("^[ -~]*$", var.openlineage_transport))
    error_message = "openlineage_transport must be one line of ASCII, for MWAA takes nothing else; use jsonencode."
  }
}

variable "dbt_executable" {
  description = "Path of dbt on the workers, as the startup script installs it."
  type        = string
  default     = "/usr/local/airflow/dbt_venv/bin/gghouse-dbt"
}

variable "connections_prefix" {
  description = "Prefix under which the secrets backend looks for connections."
  type        = string
}

variable "readers_host" {
  description = "Host from which QuickSight fills its data sets; what was published is read back from there."
  type        = string
}

variable "aurora_cluster" {
  description = "Identifier of the Aurora cluster, which the DAG recover_cluster restores into a new one beside it."
  type        = string
}

variable "connection_secret_arns" {
  description = "Secrets that the environment may read."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key of the environment, of both buckets, of the secrets and of the topic."
  type        = string
}

variable "subnet_ids" {
  description = "Two private subnets."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) == 2
    error_message = "subnet_ids must be exactly two, as MWAA wants."
  }
}

variable "security_group_id" {
  description = "Security group of the environment."
  type        = string
}
