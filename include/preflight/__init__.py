"""What a day needs before it starts: pools, packages, logins, versions."""
