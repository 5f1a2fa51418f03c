"""History as Parquet in S3, one object for each table and date, for engines that read files."""
