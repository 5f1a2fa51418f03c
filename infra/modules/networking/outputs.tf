# Who gets these waits for the way out, the endpoints and the rules as well: MWAA, for example, tries them while it is made.

output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "The two private subnets."
  value       = [for zone in var.availability_zones : aws_subnet.private[zone].id]

  depends_on = [
    aws_route.internet,
    aws_route.nat,
    aws_route_table_association.private,
    aws_route_table_association.public,
    aws_vpc_endpoint.interface,
    aws_vpc_endpoint.s3,
  ]
}

output "security_group_ids" {
  description = "Security groups by role: mwaa, aurora, quicksight, rotation, admin, endpoints."
  value       = { for role, group in aws_security_group.this : role => group.id }

  depends_on = [
    aws_vpc_security_group_egress_rule.https,
    aws_vpc_security_group_egress_rule.talk,
    aws_vpc_security_group_ingress_rule.answers,
    aws_vpc_security_group_ingress_rule.operators,
    aws_vpc_security_group_ingress_rule.talk,
  ]
}
