"""Thin Airflow shells around the plain functions of `include`."""
