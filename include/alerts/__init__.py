"""Alerts: which failure is which class, what is sent once, in which words, on which route. No Airflow here."""
