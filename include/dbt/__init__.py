"""Run dbt, and say what its run results mean."""
