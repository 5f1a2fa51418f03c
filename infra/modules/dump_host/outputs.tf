output "role_arn" {
  description = "ARN of the role that delivers dumps."
  value       = aws_iam_role.dump_host.arn
}

output "instance_profile" {
  description = "Instance profile for `aws ec2 associate-iam-instance-profile`, if a machine of this account delivers."
  value       = one(aws_iam_instance_profile.dump_host[*].name)
}

output "roles_anywhere" {
  description = "Trust anchor and profile for `aws_signing_helper credential-process`, if a machine outside AWS delivers."
  value       = local.anchor ? { trust_anchor_arn = aws_rolesanywhere_trust_anchor.this[0].arn, profile_arn = aws_rolesanywhere_profile.this[0].arn } : null
}
