"""Stand-ins for AWS and the vendor on a laptop. Production code never imports this; the MWAA bundle leaves it out."""
