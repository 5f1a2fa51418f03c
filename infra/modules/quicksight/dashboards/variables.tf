variable "name" {
  description = "Name of the environment and prefix of the ids, for example gghouse-prod."
  type        = string
}

variable "account_id" {
  description = "AWS account."
  type        = string
}

variable "region" {
  description = "Region of the account's QuickSight."
  type        = string
}

variable "directory" {
  description = "Folder with the definitions; null means this module's own."
  type        = string
  default     = null
}

variable "data_set_ids" {
  description = "Id of the data set of each gold table."
  type        = map(string)
}

variable "authors" {
  description = "QuickSight group that may copy and change the dashboards."
  type        = string
}

variable "theme" {
  description = "Id of the theme, which brings the colours."
  type        = string
}

variable "folders" {
  description = "Where each dashboard is published: id of the folder, what the dashboard's id ends with there, whether readers may export, and the groups of the readers."
  type        = map(object({ id = string, suffix = string, export = bool, readers = list(string) }))
}
