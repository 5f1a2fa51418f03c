output "data_bucket" {
  description = "Name of the bucket with dumps/, dumps-manifest/, snapshots/, processed/ and docs/."
  value       = aws_s3_bucket.this["data"].id
}

output "mwaa_bucket" {
  description = "Name of the versioned bucket that MWAA reads its code from."
  value       = aws_s3_bucket.this["mwaa"].id
}
