"""The quality of data and figures: what dbt's tests found, in words."""
