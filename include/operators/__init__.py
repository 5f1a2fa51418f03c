"""Airflow operators and callbacks around the plain functions of `include`; only this package imports Airflow."""
