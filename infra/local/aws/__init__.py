"""Stand-ins for AWS: one moto server for S3, SNS, SQS, Secrets Manager, CloudWatch and QuickSight."""
