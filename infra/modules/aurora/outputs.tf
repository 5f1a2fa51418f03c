output "cluster_identifier" {
  description = "Identifier of the cluster."
  value       = aws_rds_cluster.this.cluster_identifier
}

output "endpoint" {
  description = "Host name of the writer."
  value       = aws_rds_cluster.this.endpoint
}

output "reader_endpoint" {
  description = "Host name of the readers; of the writer while there is but one instance."
  value       = aws_rds_cluster.this.reader_endpoint
}

output "port" {
  description = "TCP port."
  value       = aws_rds_cluster.this.port
}

output "master_secret_arn" {
  description = "Secret with the master's login, for `python -m infra database`."
  value       = try(aws_rds_cluster.this.master_user_secret[0].secret_arn, null)
}

output "burstable" {
  description = "Whether the instances live on CPU credits, which the alarms watch."
  value       = local.burstable
}
