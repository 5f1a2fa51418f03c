# Who gets these waits for what makes a bucket usable: MWAA refuses one without versions or open to the public.

output "data_bucket" {
  description = "Name of the bucket with dumps/, dumps-manifest/, snapshots/, processed/, docs/, and the reports with their inputs."
  value       = aws_s3_bucket.this["data"].id

  depends_on = [
    aws_s3_bucket_policy.this,
    aws_s3_bucket_public_access_block.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}

output "mwaa_bucket" {
  description = "Name of the versioned bucket that MWAA reads its code from."
  value       = aws_s3_bucket.this["mwaa"].id

  depends_on = [
    aws_s3_bucket_policy.this,
    aws_s3_bucket_public_access_block.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}
