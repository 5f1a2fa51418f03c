"""The Tokyo Beta data foundation: plain Python without Airflow, except `operators` and the alert callbacks."""
