"""The nationality of tenants whose record has none: what can be derived, then guessed, measured and marked."""
