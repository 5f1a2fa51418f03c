output "instance_id" {
  description = "The machine that forwards."
  value       = aws_instance.forwarder.id
}

output "role_arns" {
  description = "Roles that people assume: viewer, operator, admin."
  value       = { for role, each in aws_iam_role.person : role => each.arn }
}

# The UI must answer under its own name, for its certificate and its login: a line in /etc/hosts leads the name here. Port
# 443 belongs to root on Linux, until `sysctl net.ipv4.ip_unprivileged_port_start=443`.
output "commands" {
  description = "What a person types, after assuming a role; needs the AWS CLI and its Session Manager plugin."
  value = {
    hosts    = "127.0.0.1 ${var.webserver_host}"
    airflow  = "aws ssm start-session --region ${local.region} --target ${aws_instance.forwarder.id} --document-name ${local.document} --parameters host=${var.webserver_host},portNumber=443,localPortNumber=443"
    login    = "aws mwaa create-web-login-token --region ${local.region} --name ${var.name} --output json | jq -r '\"https://\\(.WebServerHostname)/aws_mwaa/aws-console-sso?login=true#\\(.WebToken)\"'"
    database = "aws ssm start-session --region ${local.region} --target ${aws_instance.forwarder.id} --document-name ${local.document} --parameters host=${var.database_host},portNumber=3306,localPortNumber=13306"
  }
}
