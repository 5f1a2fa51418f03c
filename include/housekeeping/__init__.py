"""What keeps the platform itself small."""
