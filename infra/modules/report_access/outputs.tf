output "role_arns" {
  description = "Roles that people assume: property-manager, tenant-list; those without people are not there."
  value       = { for role, each in aws_iam_role.person : role => each.arn }
}

# Where a browser leads, after the first address of the two has changed the role.
output "addresses" {
  description = "By role: where the console changes to it, and the folders of the bucket that it may open."
  value = {
    for role, rights in local.people : role => {
      assume = "https://signin.aws.amazon.com/switchrole?account=${data.aws_caller_identity.current.account_id}&roleName=${var.name}-${role}"
      folders = {
        for prefix in concat(rights.read, rights.write) :
        prefix => "https://${data.aws_region.current.name}.console.aws.amazon.com/s3/buckets/${var.data_bucket}?prefix=${prefix}/"
      }
    }
  }
}
