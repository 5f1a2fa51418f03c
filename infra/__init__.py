"""What builds, checks, ships and imitates the platform; nothing that a running day imports."""
