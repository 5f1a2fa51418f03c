"""What can be proven about the infrastructure without AWS: `python -m infra check`."""
