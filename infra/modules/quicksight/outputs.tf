output "data_set_ids" {
  description = "Data sets that the DAGs refresh, in the order of their names."
  value       = [for data_set in aws_quicksight_data_set.this : data_set.data_set_id]
}

output "folder_ids" {
  description = "Shared folders: view, export."
  value       = { for role, folder in aws_quicksight_folder.this : role => folder.folder_id }
}

output "invitations" {
  description = "Address at which each user sets a password, by user."
  value       = { for name, user in aws_quicksight_user.this : name => user.user_invitation_url }
}

output "dashboards" {
  description = "Address of each dashboard, by definition and folder."
  value       = module.dashboards.addresses
}

output "profiles" {
  description = "Arguments of `aws quicksight` that assign the profiles: to look for whole roles, to export for the users who may."

  value = concat(
    [for role in ["AUTHOR", "READER"] : "update-role-custom-permission ${local.assignment} --role ${role} --custom-permissions-name ${var.name}-look"],
    [
      for name, user in var.users : "update-user-custom-permission ${local.assignment} --user-name '${name}' --custom-permissions-name ${var.name}-export"
      if local.organisations[user.organisation].export
    ],
  )
}
