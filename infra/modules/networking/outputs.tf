output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "The two private subnets."
  value       = [for zone in var.availability_zones : aws_subnet.private[zone].id]
}

output "security_group_ids" {
  description = "Security groups by role: mwaa, aurora, quicksight, rotation, admin, endpoints."
  value       = { for role, group in aws_security_group.this : role => group.id }
}
