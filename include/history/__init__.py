"""State that outlives a load: tenant snapshots, one file a day in S3 and one range a day in the database."""
