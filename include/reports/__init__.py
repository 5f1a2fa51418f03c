"""The reports that people exchange: correction list, flash report, rent roll, tenant list."""
